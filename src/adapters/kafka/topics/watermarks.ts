import type { Admin } from 'kafkajs';

/** The earliest offset that a partition still has, and the offset that its next record will get. */
export interface Watermarks {
  readonly low: number;
  readonly high: number;
}

/** By partition. */
export type TopicWatermarks = ReadonlyMap<number, Watermarks>;

/** Asks the leader of each partition. Leaves out partitions without a leader that answers. */
export async function fetchWatermarks(
  admin: Pick<Admin, 'fetchTopicOffsets'>,
  topic: string,
): Promise<TopicWatermarks> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(
    offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
  );
}

/** Returns the partitions missing from `ends`: those without a leader that answers. */
export async function unavailablePartitions(
  admin: Pick<Admin, 'fetchTopicMetadata'>,
  topic: string,
  highWatermarks: TopicWatermarks,
): Promise<readonly number[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const known = topics.flatMap(({ partitions }) => partitions.map(({ partitionId }) => partitionId));
  return known.filter((partition) => !highWatermarks.has(partition)).sort((a, b) => a - b);
}
