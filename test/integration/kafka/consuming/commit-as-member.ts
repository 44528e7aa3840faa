import type { Kafka } from 'kafkajs';

interface Committed {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

/** Commits offsets with metadata for a group, which kafkajs's admin client cannot do. The group must be empty. */
export async function commitAsMember(
  kafka: Kafka,
  groupId: string,
  topic: string,
  committed: readonly Committed[],
): Promise<void> {
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  // The consumer can commit only while it runs, and it emits the event for joining before that.
  const running = new Promise((resolve) => consumer.on(consumer.events.FETCH, resolve));
  await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  await running;
  await consumer.commitOffsets(committed.map((commit) => ({ topic, ...commit })));
  await consumer.disconnect();
}
