import { usageOf } from '../processes/usage.js';
import type { Sample } from '../report/results.js';

export interface DrainBounds {
  readonly count: number;
  readonly durationMs: number;
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 25;

/** Measures the rate from the first stored messages until `count` are stored or the time is over. */
export async function measureDrain(
  pid: number,
  stored: () => Promise<number>,
  { count, durationMs }: DrainBounds,
): Promise<Sample> {
  const poll = async (): Promise<{ readonly count: number; readonly at: number }> => {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return { count: await stored(), at: performance.now() };
  };
  const startDeadline = performance.now() + START_TIMEOUT_MS;
  let first = await poll();
  while (first.count === 0 && first.at < startDeadline) first = await poll();
  const before = usageOf(pid);
  let last = first;
  while (last.count < count && last.at - first.at < durationMs) last = await poll();
  const after = usageOf(pid);
  const drained = last.count - first.count;
  if (drained === 0) throw new Error(`No message was drained: ${last.count} of ${count} are stored.`);
  return {
    value: (drained * 1_000) / (last.at - first.at),
    cpuMicrosPerMessage: (after.cpuMicros - before.cpuMicros) / drained,
    peakMegabytes: after.peakBytes / 2 ** 20,
  };
}
