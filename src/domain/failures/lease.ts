/** A lease that one process at a time can hold. Times are milliseconds since the epoch, by the clock of the holder. */
export interface Lease {
  /** Increases each time a process takes the lease, so that writes from an earlier term can be detected. */
  readonly term: number;
  /** When the lease ends unless it is renewed; 0 after it was released. */
  readonly until: number;
}

/** The largest tolerated difference between the clocks of two processes. */
export const CLOCK_DIFFERENCE_MS = 15_000;

/**
 * Takes the lease for the caller. Returns undefined while another process holds it. A lease that ends later than
 * any new one could is ignored: it dates from before a clock was set back.
 */
export function takeLease<L extends Lease>(lease: L, now: number, durationMs: number): L | undefined {
  const isFree = lease.until <= now || lease.until > now + durationMs + CLOCK_DIFFERENCE_MS;
  return isFree ? { ...lease, term: lease.term + 1, until: now + durationMs } : undefined;
}

/**
 * Renews the lease, or releases it if `until` is 0. Returns undefined if it was released or taken by another process.
 */
export function renewedLease<L extends Lease>(lease: L, term: number, until: number): L | undefined {
  return lease.term === term && lease.until !== 0 ? { ...lease, until } : undefined;
}
