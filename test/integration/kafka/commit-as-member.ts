import type { Kafka } from 'kafkajs';

interface Committed {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

/** Commits in a group's name, metadata included, which kafkajs's admin cannot. The group has to be empty. */
export async function commitAsMember(
  kafka: Kafka,
  groupId: string,
  topic: string,
  committed: readonly Committed[],
): Promise<void> {
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  // It commits nothing before it runs, and its joining is told of before that.
  const running = new Promise((resolve) => consumer.on(consumer.events.FETCH, resolve));
  await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  await running;
  await consumer.commitOffsets(committed.map((commit) => ({ topic, ...commit })));
  await consumer.disconnect();
}
