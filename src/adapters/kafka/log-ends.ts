import type { Admin } from 'kafkajs';

/** The earliest offset that a partition still has, and the one that its next record will get. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** By partition. */
export type TopicEnds = ReadonlyMap<number, Ends>;

/** Asks the leader of every partition; rejects where one does not answer. */
export async function fetchEnds(admin: Admin, topic: string): Promise<TopicEnds> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(
    offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
  );
}
