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
import { startKafka } from '../servers/bench-servers.js';
import { SlowProxy } from '../servers/slow-proxy.js';

/** The latency of the log per batch of 500, which determines the sustainable load. */
const LOG_DELAY_MS = 200;
const SUSTAINABLE_RATE = (500 * 1_000) / LOG_DELAY_MS;
const SINGLE_RATE = 500;
const BATCH = 100;
const BATCH_RATE = (10 * SUSTAINABLE_RATE - SINGLE_RATE) / BATCH;
/** Longer than any response takes when the queue is full, so that sends fail only because of the queue's limits. */
const SEND_TIMEOUT_MS = 60_000;
/** Time until the queue is full and its first entries are answered. From then on the load is steady. */
const QUEUE_FILL_MS = 10_000;
/** More connections than sends fit into the queue. */
const CONNECTIONS = 8_000;

/** Measures single sends among many batches while the load is ten times the capacity of a slow log. */
export const overload: Scenario = {
  name: 'overload',
  repeats: 'once',
  run: (bench) =>
    bench.resources.within(async (resources) => {
      const port = await freePort();
      const proxy = resources.add(await SlowProxy.listen(port), (server) => server.close());
      const kafka = await startKafka(resources, { port, advertisedPort: proxy.port });
      const servers = { kafka: kafka.address, mongodb: bench.servers.mongodb };
      const backEnd = FullBackEnd.create(resources, servers);
      const api = await backEnd.startApi({ SEND_TIMEOUT_MS: String(SEND_TIMEOUT_MS) });
      await send(bench, api, backEnd.sent, { durationMs: bench.sizes.warmUpMs, maxMessages: 50_000 });
      proxy.delayMs = LOG_DELAY_MS;
      await measure(bench, resources, api, backEnd);
      proxy.delayMs = 0;
      await backEnd.startReceiver();
      const lost = await backEnd.check(bench.results, 'Overload');
      bench.results.add('overloadLost', { value: lost });
    }),
};

async function measure(
  bench: Bench,
  resources: Resources,
  api: Target,
  { sent }: FullBackEnd,
): Promise<void> {
  const { sizes, results } = bench;
  const durationMs = sizes.overloadMs;
  const load = (from: Pick<Bench, 'generator'>, rate: number, batch: number): Promise<LoadResult> => {
    const maxMessages = Math.ceil((rate * durationMs) / 1_000) * batch;
    return send(from, api, sent, { durationMs, rate, batch, connections: CONNECTIONS, maxMessages });
  };
  // A separate process, so that it does not affect the measured single sends.
  const generator = resources.add(Worker.start<GeneratorTasks>('load/generator.ts'), (worker) =>
    worker.stop(),
  );
  const growth = growthAfterFilling(api.pid, durationMs);
  const [singles, batches] = await Promise.all([
    load(bench, SINGLE_RATE, 1),
    load({ generator }, BATCH_RATE, BATCH),
  ]);
  const { count, p50, p99 } = singles.unavailable;
  if (count === 0) throw new Error(`No request was answered 503: ${JSON.stringify(singles.statuses)}.`);
  const perSecond = (messages: number): number => (messages * 1_000) / durationMs;
  results.add('overloadOffered', { value: perSecond(requestCount(singles) + requestCount(batches) * BATCH) });
  results.add('overloadAccepted', { value: perSecond(singles.acknowledged + batches.acknowledged) });
  results.add('overload503', { value: p99, p50, p99 });
  results.add('overloadWithoutRetryAfter', { value: singles.unavailableWithoutRetryAfter });
  results.add('overloadMemory', await growth);
}

function requestCount({ statuses }: LoadResult): number {
  return Object.values(statuses).reduce((sum, count) => sum + count, 0);
}

async function growthAfterFilling(pid: number, durationMs: number): Promise<Sample> {
  await new Promise((resolve) => setTimeout(resolve, QUEUE_FILL_MS));
  const bytesWhenFull = usageOf(pid).peakBytes;
  await new Promise((resolve) => setTimeout(resolve, durationMs - QUEUE_FILL_MS));
  const { peakBytes } = usageOf(pid);
  return { value: (peakBytes - bytesWhenFull) / 2 ** 20, peakMegabytes: peakBytes / 2 ** 20 };
}
