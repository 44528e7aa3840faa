import { Kafka, logLevel, type Admin, type ReplicaAssignment } from 'kafkajs';

/**
 * Creates a topic. `replicas` lists the brokers of each partition, the leader first; by default one broker.
 */
export async function createTopic(
  broker: string,
  topic: string,
  partitions: number,
  replicas?: readonly number[],
): Promise<void> {
  const layout =
    replicas === undefined
      ? { numPartitions: partitions, replicationFactor: 1 }
      : { replicaAssignment: assignment(partitions, replicas) };
  await withAdmin(broker, (admin) =>
    admin.createTopics({ topics: [{ topic, ...layout }], waitForLeaders: true }),
  );
}

function assignment(partitions: number, replicas: readonly number[]): ReplicaAssignment[] {
  return Array.from({ length: partitions }, (_, partition) => ({ partition, replicas: [...replicas] }));
}

/** Deletes the topics that exist. */
export async function deleteTopics(broker: string, topics: readonly string[]): Promise<void> {
  await withAdmin(broker, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const toDelete = topics.filter((topic) => existing.has(topic));
    if (toDelete.length > 0) await admin.deleteTopics({ topics: toDelete });
  });
}

/** Returns a client that does not log. Errors that persist make its promises reject. */
export function benchKafka(broker: string): Kafka {
  return new Kafka({ brokers: [broker], clientId: 'postrider-bench', logLevel: logLevel.NOTHING });
}

async function withAdmin<T>(broker: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = benchKafka(broker).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
