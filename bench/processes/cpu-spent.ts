import { usageOf } from './usage.js';

/** Microseconds of CPU that each process spends during the work, in the order given. Includes background work. */
export async function cpuSpent(
  pids: readonly number[],
  work: () => Promise<unknown>,
  cpuMicrosOf = (pid: number): number => usageOf(pid).cpuMicros,
): Promise<number[]> {
  const before = pids.map(cpuMicrosOf);
  await work();
  return pids.map((pid, at) => cpuMicrosOf(pid) - (before[at] ?? 0));
}
