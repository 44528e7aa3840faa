import type { Bench } from '../bench.js';
import { usageOf } from '../processes/usage.js';
import type { Sample } from '../report/results.js';
import { SentMessages } from '../sent-messages.js';
import { CONNECTIONS, RECIPIENTS } from '../sizes.js';
import type { LoadJob, LoadResult } from './job.js';

/** A server under load, and the process that answers for it. */
export interface Target {
  readonly port: number;
  readonly pid: number;
}

type Wanted = Partial<Pick<LoadJob, 'batch' | 'rate' | 'connections' | 'recipients'>> &
  Pick<LoadJob, 'durationMs' | 'maxMessages'>;

/** Sends from the generator's process, and records what was acknowledged. */
export async function send(
  { generator }: Pick<Bench, 'generator'>,
  { port }: Pick<Target, 'port'>,
  sent: SentMessages,
  wanted: Wanted,
): Promise<LoadResult> {
  const firstNumber = sent.reserve(wanted.maxMessages);
  const usual = { batch: 1, connections: CONNECTIONS, recipients: RECIPIENTS };
  const result = await generator.call('runLoad', { ...usual, ...wanted, port, firstNumber });
  sent.acknowledge(firstNumber, Buffer.from(result.acknowledgedMap, 'base64'));
  return result;
}

const MOST_A_SECOND = 100_000;

/** Measures single sends after a warm-up. */
export async function measureSends(bench: Bench, target: Target, sent = new SentMessages()): Promise<Sample> {
  const { warmUpMs, sendMs } = bench.sizes;
  await send(bench, target, sent, { durationMs: warmUpMs, maxMessages: (warmUpMs * MOST_A_SECOND) / 1_000 });
  return measured(target, () =>
    send(bench, target, sent, { durationMs: sendMs, maxMessages: (sendMs * MOST_A_SECOND) / 1_000 }),
  );
}

/** Computes the rate of acknowledged messages, and their CPU cost in the process that answered. */
export async function measured(
  { pid }: Pick<Target, 'pid'>,
  load: () => Promise<LoadResult>,
): Promise<Sample> {
  const before = usageOf(pid);
  const { acknowledged, elapsedMs, answers } = await load();
  const after = usageOf(pid);
  if (acknowledged === 0) throw new Error('Nothing was acknowledged.');
  return {
    value: (acknowledged * 1_000) / elapsedMs,
    p50: answers.p50,
    p99: answers.p99,
    cpuMicrosPerMessage: (after.cpuMicros - before.cpuMicros) / acknowledged,
    peakMegabytes: after.peakBytes / 2 ** 20,
  };
}
