import { createRequire } from 'node:module';

interface AskedTopic {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
}

export interface FoundTopic {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** What is used of kafkajs's `Cluster`. */
export interface OffsetCluster {
  fetchTopicsOffset(topics: readonly AskedTopic[]): Promise<readonly FoundTopic[]>;
  /** Partitions by the id of their leader; -1 for those without one. */
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, readonly number[]>;
  refreshMetadata(): Promise<void>;
}

const NO_LEADER = '-1';

// kafkajs exports no such class; it has to be the very one that its clients use.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/cluster/index.js') as {
  readonly prototype: OffsetCluster & { givesPartialOffsets?: true };
};

/**
 * Lets kafkajs 2.2.4 answer where partitions begin and end for those whose leader answers. By itself it rejects for all
 * of them when one leader is missing or does not answer. It would be unnecessary if kafkajs reported errors by partition.
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
    // The next call may find another leader for what is missing now.
    if (failure !== undefined) await this.refreshMetadata().catch(() => undefined);
    return topics.map(({ topic }) => ({
      topic,
      partitions: found.filter((part) => part.topic === topic).flatMap(({ partitions }) => partitions),
    }));
  };
}

/** One request for each leader; partitions without a leader are left out. */
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
