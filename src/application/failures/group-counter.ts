import { renewedLease, takeLease } from '../../domain/failures/lease.js';
import { DependencyUnavailable } from '../errors.js';
import type { FailureGroups, GroupCounts, GroupCountStore } from '../ports/failures.js';
import type { Logger } from '../ports/telemetry.js';
import type { Clock } from '../ports/clock.js';
import { every, settledWithin, sleep, type Repetition } from '../timing.js';
import { logFailure } from '../log-failure.js';

const LEASE_MS = 20_000;
const RENEW_MS = 5_000;
const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 500;
const STOP_MS = 1_000;
/**
 * Each group takes at most about 1.2 KB, so all of them are read within milliseconds and stay far below MongoDB's
 * 16 MB.
 */
export const STORED_GROUPS_MAX = 1_000;

/** Counts and the time at which they began, by this process's own clock. */
export interface DatedCounts {
  readonly counts: GroupCounts;
  /** By elapsed time. */
  readonly at: number;
}

export const isComplete = ({ groups, total }: GroupCounts): boolean => groups.length === total;

/**
 * Counts groups, one process at a time: the counting process holds the lease. The other processes wait for its
 * counts, which are stored for them and for the next start. If the process dies, its lease expires. If it was
 * frozen and another process has taken the lease since, its counts are dropped.
 */
export class GroupCounter {
  private heldTerm: number | undefined;
  private renewals: Repetition | undefined;
  private storing: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly source: FailureGroups,
    private readonly store: GroupCountStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Returns complete counts, made by this process or by the one that is counting already. Must not be called again
   * before it settles.
   */
  async count(): Promise<DatedCounts> {
    await this.storing;
    let known: number | undefined;
    for (let pauseMs = FIRST_POLL_MS; !this.isStopped; pauseMs = Math.min(MAX_POLL_MS, 2 * pauseMs)) {
      const { term, counted } = await this.lease(known);
      if (term !== undefined) return this.countIn(term);
      if (known !== undefined && counted !== known) {
        const counts = await this.store.last();
        if (counts !== undefined && isComplete(counts)) return dated(counts, this.clock);
      }
      known = counted;
      await sleep(this.clock, pauseMs);
    }
    throw new DependencyUnavailable('store', new Error('stopped'));
  }

  /** Releases the lease, so that another process can count at once. May be called twice. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await settledWithin(this.clock, STOP_MS, this.giveBack());
    await settledWithin(this.clock, STOP_MS, this.storing);
  }

  /** Takes the lease if it is free and no newer counts than the known ones are stored. */
  private async lease(known: number | undefined): Promise<{ term: number | undefined; counted: number }> {
    let counted = 0;
    const lease = await this.store.changeLease((found) => {
      counted = found.counted;
      if (known !== undefined && counted !== known) return undefined;
      return takeLease(found, this.clock.now(), LEASE_MS);
    });
    return { term: lease?.term, counted };
  }

  private async countIn(term: number): Promise<DatedCounts> {
    this.heldTerm = term;
    this.renewals = every(this.clock, RENEW_MS, () => this.renew(term), RENEW_MS);
    const [asOf, at] = [this.clock.now(), this.clock.elapsed()];
    try {
      const groups = await this.source.groups();
      const tookMs = Math.round(this.clock.elapsed() - at);
      const counts = { asOf, tookMs, total: groups.length, groups };
      // Callers do not wait until the counts are stored.
      this.storing = this.put(counts, term);
      return { counts, at };
    } catch (error) {
      this.storing = this.giveBack();
      throw error;
    }
  }

  private async put(counts: GroupCounts, term: number): Promise<void> {
    this.endTerm();
    try {
      await this.store.put({ ...counts, groups: counts.groups.slice(0, STORED_GROUPS_MAX) }, term);
    } catch (error) {
      if (!this.isStopped) logFailure(this.logger, 'store.counts-not-stored', error);
    }
  }

  private async renew(term: number): Promise<void> {
    try {
      await this.store.changeLease((lease) => renewedLease(lease, term, this.clock.now() + LEASE_MS));
    } catch {
      // The next renewal may succeed before the lease ends.
    }
  }

  private endTerm(): number | undefined {
    const held = this.heldTerm;
    this.heldTerm = undefined;
    void this.renewals?.stop();
    return held;
  }

  private async giveBack(): Promise<void> {
    const held = this.endTerm();
    if (held === undefined) return;
    try {
      await this.store.changeLease((lease) => renewedLease(lease, held, 0));
    } catch {
      // The lease expires.
    }
  }
}

/** Dates counts of another process by the wall clock. */
export function dated(counts: GroupCounts, clock: Pick<Clock, 'now' | 'elapsed'>): DatedCounts {
  // eslint-disable-next-line no-restricted-syntax -- the age of a stored time
  return { counts, at: clock.elapsed() - Math.max(0, clock.now() - counts.asOf) };
}
