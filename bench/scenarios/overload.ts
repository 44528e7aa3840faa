import { freePort } from '../../scripts/stack/free-port.js';
import type { Bench, Scenario } from '../bench.js';
import type { GeneratorTasks } from '../load/generator.js';
import type { LoadResult } from '../load/job.js';
import { send, type Target } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { usageOf } from '../processes/usage.js';
import { Worker } from '../processes/worker.js';
import type { Sample } from '../report/results.js';
import type { Resources } from '../resources.js';
import { startedKafka } from '../servers/bench-servers.js';
import { SlowProxy } from '../servers/slow-proxy.js';

/** The latency of the log per batch of 500, which determines the sustainable load. */
const LOG_MS = 200;
const SUSTAINABLE = (500 * 1_000) / LOG_MS;
const SINGLES = 500;
const BATCH = 100;
const BATCHES = (10 * SUSTAINABLE - SINGLES) / BATCH;
/** Longer than any answer takes when the queue is full, so that sends fail only because of the queue's limits. */
const SEND_TIMEOUT_MS = 60_000;
/** Time until the queue is full and its first entries are answered. From then on the load is steady. */
const FILLING_MS = 10_000;
/** More connections than sends fit into the queue. */
const CONNECTIONS = 8_000;

/** Measures single sends among many batches while the load is ten times the capacity of a slow log. */
export const overload: Scenario = {
  name: 'overload',
  repeats: 'once',
  run: (bench) =>
    bench.resources.within(async (own) => {
      const port = await freePort();
      const proxy = own.add(await SlowProxy.listen(port), (its) => its.close());
      const kafka = await startedKafka(own, { port, advertisedPort: proxy.port });
      const servers = { kafka: kafka.address, mongodb: bench.servers.mongodb };
      const backEnd = FullBackEnd.create(own, servers);
      const api = await backEnd.startApi({ SEND_TIMEOUT_MS: String(SEND_TIMEOUT_MS) });
      await send(bench, api, backEnd.sent, { durationMs: bench.sizes.warmUpMs, maxMessages: 50_000 });
      proxy.delayMs = LOG_MS;
      await measure(bench, own, api, backEnd);
      proxy.delayMs = 0;
      await backEnd.startReceiver();
      const lost = await backEnd.check(bench.results, 'Overload');
      bench.results.add('overloadLost', { value: lost });
    }),
};

async function measure(bench: Bench, own: Resources, api: Target, { sent }: FullBackEnd): Promise<void> {
  const { sizes, results } = bench;
  const durationMs = sizes.overloadMs;
  const load = (from: Pick<Bench, 'generator'>, rate: number, batch: number): Promise<LoadResult> => {
    const maxMessages = Math.ceil((rate * durationMs) / 1_000) * batch;
    return send(from, api, sent, { durationMs, rate, batch, connections: CONNECTIONS, maxMessages });
  };
  // A separate process, so that it does not affect the measured single sends.
  const generator = own.add(Worker.start<GeneratorTasks>('load/generator.ts'), (its) => its.stop());
  const growth = growthAfterFilling(api.pid, durationMs);
  const [singles, batches] = await Promise.all([
    load(bench, SINGLES, 1),
    load({ generator }, BATCHES, BATCH),
  ]);
  const { count, p50, p99 } = singles.refusals;
  if (count === 0) throw new Error(`Nothing was refused: ${JSON.stringify(singles.statuses)}.`);
  const perSecond = (messages: number): number => (messages * 1_000) / durationMs;
  results.add('overloadOffered', { value: perSecond(requests(singles) + requests(batches) * BATCH) });
  results.add('overloadAccepted', { value: perSecond(singles.acknowledged + batches.acknowledged) });
  results.add('overloadRefusal', { value: p99, p50, p99 });
  results.add('overloadUnhelpful', { value: singles.refusalsWithoutRetryAfter });
  results.add('overloadMemory', await growth);
}

function requests({ statuses }: LoadResult): number {
  return Object.values(statuses).reduce((sum, count) => sum + count, 0);
}

async function growthAfterFilling(pid: number, durationMs: number): Promise<Sample> {
  await new Promise((resolve) => setTimeout(resolve, FILLING_MS));
  const full = usageOf(pid).peakBytes;
  await new Promise((resolve) => setTimeout(resolve, durationMs - FILLING_MS));
  const { peakBytes } = usageOf(pid);
  return { value: (peakBytes - full) / 2 ** 20, peakMegabytes: peakBytes / 2 ** 20 };
}
