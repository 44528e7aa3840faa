import { Kafka, logLevel } from 'kafkajs';

/** Creates a topic with these brokers as the replicas of each partition, the leader first. One in-sync replica is enough. */
export async function createAssignedTopic(
  brokers: readonly string[],
  topic: string,
  replicas: readonly (readonly number[])[],
): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const replicaAssignment = replicas.map((ids, partition) => ({ partition, replicas: [...ids] }));
  const configEntries = [{ name: 'min.insync.replicas', value: '1' }];
  await admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }] });
  await admin.disconnect();
}
