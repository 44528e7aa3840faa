import type { Bench, Scenario } from '../bench.js';
import type { FollowedLoad } from '../load/followed-load.js';
import type { LatencyTasks } from '../limits/raw-latency.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { InboxWatch } from '../product/inbox-watch.js';
import { Worker } from '../processes/worker.js';
import type { Sample } from '../report/results.js';
import { spreadOf } from '../report/statistics.js';
import type { Resources } from '../resources.js';
import { freshNames } from '../servers/fresh-names.js';
import { createTopic, deleteTopics } from '../servers/topics.js';
import { CONNECTIONS, LATENCY_RATE, PARTITIONS } from '../sizes.js';

const READERS = 10;
/** What comes first is not counted. */
const SETTLING_MS = 1_000;

/** At a steady rate: from the send to raw kafkajs's consumer; to the inbox; to who reads the inbox live. */
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
  const { port } = await backEnd.startApi();
  await backEnd.startReceiver();
  const run = async (durationMs: number): Promise<FollowedLoad & { readonly first: number }> => {
    const maxMessages = (LATENCY_RATE * durationMs) / 1_000;
    const first = sent.reserve(maxMessages);
    const bounds = { maxMessages, durationMs: durationMs + SETTLING_MS };
    const load = { port, batch: 1, recipients: READERS, connections: CONNECTIONS, rate: LATENCY_RATE };
    const result = await generator.call('sendAndFollow', { ...load, ...bounds, firstNumber: first });
    sent.acknowledge(first, Buffer.from(result.load.acknowledgedMap, 'base64'));
    return { ...result, first };
  };
  // The receiver joins its group meanwhile.
  await run(sizes.warmUpMs);
  await stored.untilThere(sent.acknowledged, 60_000);
  const watch = own.add(new InboxWatch(stored), (its) => its.stop());
  const { began, first, arrivals } = await run(sizes.latencyMs);
  await watch.stop();
  const since = (number: number, at: number): number[] => {
    const due = ((number - first) * 1_000) / LATENCY_RATE;
    return due < SETTLING_MS ? [] : [at - began - due];
  };
  const inInbox = [...(await stored.places())].flatMap(([number, { client, number: place }]) => {
    const at = watch.arrivalOf(client, place);
    return at === undefined ? [] : since(number, at);
  });
  results.add('inboxLatency', sampleOf(inInbox));
  results.add('readerLatency', sampleOf(arrivals.flatMap(([number, at]) => since(number, at))));
  await backEnd.check(results, 'Latency');
}

function sampleOf(times: readonly number[]): Sample {
  const { count, p50, p99 } = spreadOf(times);
  if (count === 0) throw new Error('Nothing arrived.');
  return { value: p50, p50, p99 };
}
