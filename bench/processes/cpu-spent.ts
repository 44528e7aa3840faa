import { usageOf } from './usage.js';

/** Microseconds of CPU that each process spends while the work is done, in the order given; idle work counts too. */
export async function cpuSpent(
  pids: readonly number[],
  work: () => Promise<unknown>,
  cpuMicrosOf = (pid: number): number => usageOf(pid).cpuMicros,
): Promise<number[]> {
  const before = pids.map(cpuMicrosOf);
  await work();
  return pids.map((pid, at) => cpuMicrosOf(pid) - (before[at] ?? 0));
}
