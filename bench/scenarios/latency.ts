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
const SETTLING_MS = 1_000;

/** Measures latency at steady rates: from a send to a raw kafkajs consumer, to the inbox, and to a live reader. */
export const latency: Scenario = {
  name: 'latency',
  repeats: 'each-round',
  run: async (bench) => {
    await bench.resources.within((own) => measureRaw(bench, own, 'rawLatency', LATENCY_RATE));
    await bench.resources.within((own) => measureRaw(bench, own, 'rawBusyLatency', BUSY_RATE));
    await bench.resources.within((own) => measureProduct(bench, own));
  },
};

async function measureRaw(
  { sizes, servers, results }: Bench,
  own: Resources,
  key: 'rawLatency' | 'rawBusyLatency',
  rate: number,
): Promise<void> {
  const { kafka, topic } = own.add(freshNames(servers), (its) => deleteTopics(servers.kafka, [its.topic]));
  await createTopic(kafka, topic, PARTITIONS);
  const worker = own.add(Worker.start<LatencyTasks>('limits/raw-latency.ts'), (its) => its.stop());
  const job = { kafka, topic, rate, durationMs: sizes.latencyMs, recipients: READERS };
  const { p50, p99 } = await worker.call('measure', job);
  results.add(key, { value: p50, p50, p99 });
}

async function measureProduct(bench: Bench, own: Resources): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = FullBackEnd.create(own, bench.servers);
  const { sent, stored } = backEnd;
  const { port } = await backEnd.startApi();
  await backEnd.startReceiver();
  // During the warm-up the receiver joins its group.
  await follow(bench, backEnd, port, LATENCY_RATE, sizes.warmUpMs);
  await stored.untilThere(sent.acknowledged, 60_000);
  const watch = own.add(new InboxWatch(stored), (its) => its.stop());
  const calm = await follow(bench, backEnd, port, LATENCY_RATE, sizes.latencyMs);
  await watch.stop();
  const inInbox = [...(await stored.places())].flatMap(([number, { client, number: place }]) => {
    const at = watch.arrivalOf(client, place);
    return at === undefined ? [] : calm.sinceSend(number, at);
  });
  results.add('inboxLatency', sampleOf(inInbox));
  results.add('readerLatency', sampleOf(calm.arrivals.flatMap(([number, at]) => calm.sinceSend(number, at))));
  results.add('liveLatency', sampleOf(calm.sinceAnswer));
  await follow(bench, backEnd, port, BUSY_RATE, sizes.warmUpMs);
  const busy = await follow(bench, backEnd, port, BUSY_RATE, sizes.latencyMs);
  results.add('liveBusyLatency', sampleOf(busy.sinceAnswer));
  await backEnd.check(results, 'Latency');
}

interface Followed {
  readonly arrivals: FollowedLoad['arrivals'];
  /** Milliseconds since the message's due time; empty for messages that are not counted. */
  readonly sinceSend: (number: number, at: number) => readonly number[];
  /** Milliseconds from each message's 201 until its live reader received it. */
  readonly sinceAnswer: readonly number[];
}

async function follow(
  { generator }: Bench,
  { sent }: FullBackEnd,
  port: number,
  rate: number,
  durationMs: number,
): Promise<Followed> {
  const maxMessages = (rate * durationMs) / 1_000;
  const first = sent.reserve(maxMessages);
  const bounds = { maxMessages, durationMs: durationMs + SETTLING_MS };
  const job = { port, batch: 1, recipients: READERS, connections: CONNECTIONS, rate, firstNumber: first };
  const { load, began, arrivals, acknowledgements } = await generator.call('sendAndFollow', {
    ...job,
    ...bounds,
  });
  sent.acknowledge(first, Buffer.from(load.acknowledgedMap, 'base64'));
  const due = (number: number): number => ((number - first) * 1_000) / rate;
  const counts = (number: number): boolean => due(number) >= SETTLING_MS;
  const answered = new Map(acknowledgements);
  return {
    arrivals,
    sinceSend: (number, at) => (counts(number) ? [at - began - due(number)] : []),
    sinceAnswer: arrivals.flatMap(([number, at]) => {
      const answeredAt = answered.get(number);
      return answeredAt === undefined || !counts(number) ? [] : [at - answeredAt];
    }),
  };
}

function sampleOf(times: readonly number[]): Sample {
  const { count, p50, p99 } = spreadOf(times);
  if (count === 0) throw new Error('Nothing arrived.');
  return { value: p50, p50, p99 };
}
