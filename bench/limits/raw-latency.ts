// Measures the latency of kafkajs alone, from a send to a consumer that commits nothing.
import { Partitioners } from 'kafkajs';
import { messageJson, recipientOf, numberOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';
import { spreadOf, type Spread } from '../report/statistics.js';
import { benchKafka } from '../servers/topics.js';

export interface LatencyJob {
  readonly kafka: string;
  readonly topic: string;
  readonly rate: number;
  readonly durationMs: number;
  readonly recipients: number;
}

const ALL_IN_SYNC_REPLICAS = -1;
/**
 * How long the broker waits for records, as in the program. With the default of 5 s, a consumer reacts to
 * nothing else during that wait.
 */
const MAX_WAIT_MS = 100;
const WARM_UP_MS = 1_000;

/**
 * Measures the milliseconds from a message's due time until `eachMessage` receives it, without the messages
 * of the first second.
 */
async function measure(job: LatencyJob): Promise<Spread> {
  const { kafka, topic, rate, durationMs, recipients } = job;
  const client = benchKafka(kafka);
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = client.consumer({ groupId: `${topic}-raw`, maxWaitTimeInMs: MAX_WAIT_MS });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [topic] });
  const arrivals = new Map<number, number>();
  const joined = new Promise<void>(
    (resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()),
  );
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message: { value } }) => {
      const { message } = JSON.parse(value?.toString() ?? '') as { message: string };
      arrivals.set(numberOf(message), performance.now());
    },
  });
  await joined;
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const startedAt = performance.now();
  const dueAt = (index: number): number => startedAt + (index * 1_000) / rate;
  const sends: Promise<unknown>[] = [];
  let sent = 0;
  for (const total = (rate * durationMs) / 1_000; sent < total;) {
    const messages = [];
    // All due messages are sent together, because kafkajs cannot make thousands of requests a second.
    for (; sent < total && dueAt(sent) <= performance.now(); sent += 1) {
      messages.push({ key: recipientOf(sent, recipients), value: messageJson(sent, recipients) });
    }
    if (messages.length > 0) sends.push(producer.send({ topic, acks: ALL_IN_SYNC_REPLICAS, messages }));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(sends);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return spreadOf([...arrivals].filter(([index]) => index >= rate).map(([index, at]) => at - dueAt(index)));
}

const tasks = { measure };
export type LatencyTasks = typeof tasks;

serve(tasks);
