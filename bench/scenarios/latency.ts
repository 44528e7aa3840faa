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
import { BUSY_RATE, CONNECTIONS, LATENCY_RATE, PARTITIONS } from '../sizes.js';

const READERS = 10;
/** Messages of the first second are not counted. */
const WARM_UP_MS = 1_000;

/** Measures latency at steady rates: from a send to a raw kafkajs consumer, to the inbox, and to a live reader. */
export const latency: Scenario = {
  name: 'latency',
  repeats: 'each-round',
  run: async (bench) => {
    await bench.resources.within((resources) => measureRaw(bench, resources, 'rawLatency', LATENCY_RATE));
    await bench.resources.within((resources) => measureRaw(bench, resources, 'rawBusyLatency', BUSY_RATE));
    await bench.resources.within((resources) => measureProduct(bench, resources));
  },
};

async function measureRaw(
  { sizes, servers, results }: Bench,
  resources: Resources,
  key: 'rawLatency' | 'rawBusyLatency',
  rate: number,
): Promise<void> {
  const { kafka, topic } = resources.add(freshNames(servers), (names) =>
    deleteTopics(servers.kafka, [names.topic]),
  );
  await createTopic(kafka, topic, PARTITIONS);
  const worker = resources.add(Worker.start<LatencyTasks>('limits/raw-latency.ts'), (worker) =>
    worker.stop(),
  );
  const job = { kafka, topic, rate, durationMs: sizes.latencyMs, recipients: READERS };
  const { p50, p99 } = await worker.call('measure', job);
  results.add(key, { value: p50, p50, p99 });
}

async function measureProduct(bench: Bench, resources: Resources): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = FullBackEnd.create(resources, bench.servers);
  const { sent, stored } = backEnd;
  const { port } = await backEnd.startApi();
  await backEnd.startReceiver();
  // During the warm-up the receiver joins its group.
  await sendAndFollow(bench, backEnd, port, LATENCY_RATE, sizes.warmUpMs);
  await stored.waitForCount(sent.acknowledged, 60_000);
  const watch = resources.add(new InboxWatch(stored), (inboxWatch) => inboxWatch.stop());
  const watched = await sendAndFollow(bench, backEnd, port, LATENCY_RATE, sizes.latencyMs);
  await watch.stop();
  const inboxLatencies = [...(await stored.inboxPositions())].flatMap(
    ([number, { client, number: inboxNumber }]) => {
      const at = watch.arrivalOf(client, inboxNumber);
      return at === undefined ? [] : watched.sinceSend(number, at);
    },
  );
  results.add('inboxLatency', sampleOf(inboxLatencies));
  // A separate run, because polling the database for the inboxes uses a third of a core.
  const steady = await sendAndFollow(bench, backEnd, port, LATENCY_RATE, sizes.latencyMs);
  results.add(
    'readerLatency',
    sampleOf(steady.arrivals.flatMap(([number, at]) => steady.sinceSend(number, at))),
  );
  results.add('liveLatency', sampleOf(steady.sinceResponse));
  await sendAndFollow(bench, backEnd, port, BUSY_RATE, sizes.warmUpMs);
  const busy = await sendAndFollow(bench, backEnd, port, BUSY_RATE, sizes.latencyMs);
  results.add('liveBusyLatency', sampleOf(busy.sinceResponse));
  await backEnd.check(results, 'Latency');
}

interface Followed {
  readonly arrivals: FollowedLoad['arrivals'];
  /** Milliseconds since the message's due time; empty for messages that are not counted. */
  readonly sinceSend: (number: number, at: number) => readonly number[];
  /** Milliseconds from each message's 201 until its live reader received it. */
  readonly sinceResponse: readonly number[];
}

async function sendAndFollow(
  { generator }: Bench,
  { sent }: FullBackEnd,
  port: number,
  rate: number,
  durationMs: number,
): Promise<Followed> {
  const maxMessages = (rate * durationMs) / 1_000;
  const first = sent.reserve(maxMessages);
  const bounds = { maxMessages, durationMs: durationMs + WARM_UP_MS };
  const job = { port, batch: 1, recipients: READERS, connections: CONNECTIONS, rate, firstNumber: first };
  const { load, startedAt, arrivals, acknowledgements } = await generator.call('sendAndFollow', {
    ...job,
    ...bounds,
  });
  sent.acknowledge(first, Buffer.from(load.acknowledgedMap, 'base64'));
  const dueMs = (number: number): number => ((number - first) * 1_000) / rate;
  const isCounted = (number: number): boolean => dueMs(number) >= WARM_UP_MS;
  const acknowledgedAt = new Map(acknowledgements);
  return {
    arrivals,
    sinceSend: (number, at) => (isCounted(number) ? [at - startedAt - dueMs(number)] : []),
    sinceResponse: arrivals.flatMap(([number, at]) => {
      const responseAt = acknowledgedAt.get(number);
      return responseAt === undefined || !isCounted(number) ? [] : [at - responseAt];
    }),
  };
}

function sampleOf(times: readonly number[]): Sample {
  const { count, p50, p99 } = spreadOf(times);
  if (count === 0) throw new Error('Nothing arrived.');
  return { value: p50, p50, p99 };
}
