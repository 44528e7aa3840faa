/** What one process at a time may do. Times are milliseconds since the epoch, by the clock of the process that sets them. */
export interface Lease {
  /** Rises each time a process takes the lease: the work of an older term is known by its number. */
  readonly term: number;
  /** When it ends, unless it is renewed; 0 once it was given back. */
  readonly until: number;
}

/** By how much the clocks of two processes may differ. */
export const CLOCK_DIFFERENCE_MS = 15_000;

/**
 * The lease for the process that asks; undefined while another one has it. A lease that ends later than one taken now
 * could is left from before a clock was set back, and counts for nothing.
 */
export function takenLease<L extends Lease>(lease: L, now: number, lastsMs: number): L | undefined {
  const isFree = lease.until <= now || lease.until > now + lastsMs + CLOCK_DIFFERENCE_MS;
  return isFree ? { ...lease, term: lease.term + 1, until: now + lastsMs } : undefined;
}

/** Undefined if it was given back, or taken by another process. Given back with `until` 0. */
export function renewedLease<L extends Lease>(lease: L, term: number, until: number): L | undefined {
  return lease.term === term && lease.until !== 0 ? { ...lease, until } : undefined;
}
