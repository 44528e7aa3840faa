import { createRequire } from 'node:module';

interface AskedTopic {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
}

export interface FoundTopic {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** The part of kafkajs's `Cluster` that is used here. */
export interface OffsetCluster {
  fetchTopicsOffset(topics: readonly AskedTopic[]): Promise<readonly FoundTopic[]>;
  /** Returns the partitions by the id of their leader, which is -1 for those without one. */
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, readonly number[]>;
  refreshMetadata(): Promise<void>;
}

const NO_LEADER = '-1';

// kafkajs does not export this class, which must be the same one that its clients use.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/cluster/index.js') as {
  readonly prototype: OffsetCluster & { givesPartialOffsets?: true };
};

/**
 * Makes kafkajs 2.2.4 return the watermarks of the partitions whose leaders answer. Without the patch it rejects for
 * all of them if one leader is missing or does not answer. A kafkajs that reports errors by partition would make this
 * unnecessary.
 */
export function givePartialOffsets(
  cluster: OffsetCluster & { givesPartialOffsets?: true } = prototype,
): void {
  if (cluster.givesPartialOffsets) return;
  cluster.givesPartialOffsets = true;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the cluster as `this` below
  const fetchAll = cluster.fetchTopicsOffset;
  cluster.fetchTopicsOffset = async function (this: OffsetCluster, topics) {
    const requests = byLeader(this, topics).map((part) => fetchAll.call(this, part));
    const results = await Promise.allSettled(requests);
    const found = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined && found.length === 0) throw failure.reason;
    // The next call may find a new leader for the missing partitions.
    if (failure !== undefined) await this.refreshMetadata().catch(() => undefined);
    return topics.map(({ topic }) => ({
      topic,
      partitions: found.filter((part) => part.topic === topic).flatMap(({ partitions }) => partitions),
    }));
  };
}

/** Splits the partitions into one request for each leader. Leaves out partitions without a leader. */
function byLeader<T extends AskedTopic>(cluster: OffsetCluster, topics: readonly T[]): T[][] {
  const parts = new Map<string, T[]>();
  for (const asked of topics) {
    const leaders = cluster.findLeaderForPartitions(
      asked.topic,
      asked.partitions.map(({ partition }) => partition),
    );
    for (const [leader, led] of Object.entries(leaders)) {
      if (leader === NO_LEADER) continue;
      const partitions = asked.partitions.filter(({ partition }) => led.includes(partition));
      parts.set(leader, [...(parts.get(leader) ?? []), { ...asked, partitions }]);
    }
  }
  return [...parts.values()];
}
