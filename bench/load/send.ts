import type { Bench } from '../bench.js';
import { usageOf } from '../processes/usage.js';
import type { Sample } from '../report/results.js';
import { SentMessages } from '../sent-messages.js';
import { CONNECTIONS, RECIPIENTS } from '../sizes.js';
import type { LoadJob, LoadResult } from './job.js';

/** A server under load, and the process whose usage is measured. */
export interface Target {
  readonly port: number;
  readonly pid: number;
}

type LoadOptions = Partial<Pick<LoadJob, 'batch' | 'rate' | 'connections' | 'recipients'>> &
  Pick<LoadJob, 'durationMs' | 'maxMessages'>;

/** Sends from the generator's process, and records which messages were acknowledged. */
export async function send(
  { generator }: Pick<Bench, 'generator'>,
  { port }: Pick<Target, 'port'>,
  sent: SentMessages,
  options: LoadOptions,
): Promise<LoadResult> {
  const firstNumber = sent.reserve(options.maxMessages);
  const defaults = { batch: 1, connections: CONNECTIONS, recipients: RECIPIENTS };
  const result = await generator.call('runLoad', { ...defaults, ...options, port, firstNumber });
  sent.acknowledge(firstNumber, Buffer.from(result.acknowledgedMap, 'base64'));
  return result;
}

const MAX_RATE = 100_000;

/** Measures single sends after a warm-up. */
export async function measureSends(bench: Bench, target: Target, sent = new SentMessages()): Promise<Sample> {
  const { warmUpMs, sendMs } = bench.sizes;
  await send(bench, target, sent, { durationMs: warmUpMs, maxMessages: (warmUpMs * MAX_RATE) / 1_000 });
  return measureRate(target, () =>
    send(bench, target, sent, { durationMs: sendMs, maxMessages: (sendMs * MAX_RATE) / 1_000 }),
  );
}

/** Computes the rate of acknowledged messages, and their CPU cost in the process that answered. */
export async function measureRate(
  { pid }: Pick<Target, 'pid'>,
  load: () => Promise<LoadResult>,
): Promise<Sample> {
  const before = usageOf(pid);
  const { acknowledged, elapsedMs, latencies } = await load();
  const after = usageOf(pid);
  if (acknowledged === 0) throw new Error('No message was acknowledged.');
  return {
    value: (acknowledged * 1_000) / elapsedMs,
    p50: latencies.p50,
    p99: latencies.p99,
    cpuMicrosPerMessage: (after.cpuMicros - before.cpuMicros) / acknowledged,
    peakMegabytes: after.peakBytes / 2 ** 20,
  };
}
