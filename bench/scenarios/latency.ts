import type { Bench, Scenario } from '../bench.js';
import type { LatencyTasks } from '../limits/raw-latency.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { Worker } from '../processes/worker.js';
import type { Resources } from '../resources.js';
import { freshNames } from '../servers/fresh-names.js';
import { createTopic, deleteTopics } from '../servers/topics.js';
import { CONNECTIONS, LATENCY_RATE, PARTITIONS } from '../sizes.js';

const READERS = 10;

/** At a steady rate: from the send to raw kafkajs's consumer, and from the send to a reader's live stream. */
export const latency: Scenario = {
  name: 'latency',
  repeats: 'each-round',
  run: async (bench) => {
    await bench.resources.within((own) => measureRaw(bench, own));
    await bench.resources.within((own) => measureProduct(bench, own));
  },
};

async function measureRaw({ sizes, servers, results }: Bench, own: Resources): Promise<void> {
  const { kafka, topic } = own.add(freshNames(servers), (its) => deleteTopics(servers.kafka, [its.topic]));
  await createTopic(kafka, topic, PARTITIONS);
  const worker = own.add(Worker.start<LatencyTasks>('limits/raw-latency.ts'), (its) => its.stop());
  const job = { kafka, topic, rate: LATENCY_RATE, durationMs: sizes.latencyMs, recipients: READERS };
  const { p50, p99 } = await worker.call('measure', job);
  results.add('rawLatency', { value: p50, p50, p99 });
}

async function measureProduct(bench: Bench, own: Resources): Promise<void> {
  const { sizes, results, generator } = bench;
  const backEnd = FullBackEnd.create(own, bench.servers);
  const { sent, stored } = backEnd;
  const api = await backEnd.startApi();
  await backEnd.startReceiver();
  const job = { port: api.port, batch: 1, recipients: READERS, connections: CONNECTIONS, rate: LATENCY_RATE };
  const run = async (durationMs: number) => {
    const maxMessages = (LATENCY_RATE * durationMs) / 1_000;
    const firstNumber = sent.reserve(maxMessages);
    const measuring = { ...job, durationMs: durationMs + 1_000, maxMessages, firstNumber };
    const result = await generator.call('measureInboxLatency', measuring);
    sent.acknowledge(firstNumber, Buffer.from(result.load.acknowledgedMap, 'base64'));
    return result.inbox;
  };
  // The receiver joins its group meanwhile.
  await run(sizes.warmUpMs);
  await stored.untilThere(sent.acknowledged, 60_000);
  const { p50, p99 } = await run(sizes.latencyMs);
  results.add('inboxLatency', { value: p50, p50, p99 });
  await backEnd.check(results, 'Latency');
}
