import {
  observed,
  PENDING_MAX,
  withWatchLease,
  type AlertData,
  type AlertState,
  type FailedReplay,
} from '../../domain/alerts/alert.js';
import { OPEN_STATES, type FailedMessage } from '../../domain/failures/failed-message.js';
import type { AlertOutbox } from '../ports/alerts.js';
import type { FailedReplays, UnnotifiedReplay, FailureGroups, GroupSummary } from '../ports/failures.js';
import type { Ledger } from '../ports/ledger.js';
import type { Logger } from '../ports/telemetry.js';
import type { Clock } from '../ports/clock.js';
import { every, settledWithin, type Repetition } from '../timing.js';
import type { AlertDelivery } from './alert-delivery.js';
import { logFailure } from '../log-failure.js';

const ROUND_MS = 1_000;
const OBSERVE_MS = 5_000;
/** Longer than the longest round: an observation, and a delivery that times out. */
const LEASE_MS = 20_000;
/** Observing takes at most 1/20 of the time, even with millions of failures to count. */
const OBSERVE_SHARE = 20;
const REPLAYS_PER_ROUND = 100;
/** The longest wait for a store that does not answer. */
const STOP_TIMEOUT_MS = 1_000;

/**
 * Observes failures and creates alerts, one process at a time. An alert is stored in the step that marks its
 * condition as notified, before it is delivered, so that no crash loses one.
 */
export class AlertWatcher {
  private held = 0;
  /** By elapsed time. */
  private nextObservation = -Infinity;
  private rounds: Repetition | undefined;

  constructor(
    private readonly outbox: AlertOutbox,
    private readonly delivery: AlertDelivery,
    private readonly groups: FailureGroups,
    private readonly failedReplays: FailedReplays,
    private readonly ledger: Pick<Ledger, 'amendAll'>,
    private readonly ageMs: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.rounds = every(this.clock, OBSERVE_MS, () => this.round());
  }

  /** Stops and releases the lease, so that another process can continue at once. */
  async stop(): Promise<void> {
    const ended = this.rounds?.stop();
    this.delivery.stop();
    if (ended) await settledWithin(this.clock, STOP_TIMEOUT_MS, ended);
    if (this.held === 0) return;
    const given = this.outbox.change((state) => withWatchLease(state, this.held, -Infinity, 0));
    await settledWithin(this.clock, STOP_TIMEOUT_MS, given);
  }

  /** Resolves with the pause before the next round. */
  private async round(): Promise<number> {
    try {
      return (await this.watch()) ? ROUND_MS : OBSERVE_MS;
    } catch (error) {
      logFailure(this.logger, 'alert.not-watched', error);
      return OBSERVE_MS;
    }
  }

  /** Runs one round if this process holds or gets the lease. Resolves with whether it does. */
  private async watch(): Promise<boolean> {
    const now = this.clock.now();
    const isObservationDue = this.clock.elapsed() >= this.nextObservation;
    const isEnding = this.held - now < LEASE_MS / 2;
    // Writes only if something is due or the lease nears its end.
    if (!isObservationDue && !isEnding && now < this.delivery.nextDue) return true;
    const leased = await this.outbox.change((state) => this.leased(state));
    this.held = leased?.lease ?? 0;
    if (leased === undefined) return false;
    const state = isObservationDue ? await this.observe(leased) : leased;
    await this.delivery.deliver(state, this.held);
    return true;
  }

  private leased(state: AlertState): AlertState | undefined {
    const now = this.clock.now();
    return withWatchLease(state, this.held, now, now + LEASE_MS);
  }

  private async observe(state: AlertState): Promise<AlertState> {
    const startedAt = this.clock.elapsed();
    const groups = await this.groups.groups();
    const capacity = Math.min(REPLAYS_PER_ROUND, PENDING_MAX - state.pending.length);
    const unnotified = capacity > 0 ? await this.failedReplays.unnotified(capacity) : [];
    const observedAt = this.clock.elapsed();
    const now = this.clock.now();
    const observation = {
      ...{ now, ageMs: this.ageMs },
      groups: groups.flatMap(({ oldest, ...group }) => (oldest ? [{ ...dataOf(group), oldest }] : [])),
      replays: unnotified
        .filter(({ state: failureState }) => OPEN_STATES.includes(failureState))
        .map(failedReplayIn(groups)),
    };
    const written = await this.outbox.change((latest) =>
      latest.lease === this.held ? observed(latest, observation) : undefined,
    );
    if (written === undefined) return { ...state, pending: [] };
    await this.clearAlerts(unnotified);
    // If there may be more, the next observation follows at once.
    const pauseMs = unnotified.length === REPLAYS_PER_ROUND ? 0 : this.pauseAfter(observedAt - startedAt);
    this.nextObservation = this.clock.elapsed() + pauseMs;
    return written;
  }

  private pauseAfter(tookMs: number): number {
    return Math.max(OBSERVE_MS, tookMs * OBSERVE_SHARE);
  }

  /** Clears the due alerts, except for failures that have failed again since, which need another alert. */
  private async clearAlerts(notified: readonly UnnotifiedReplay[]): Promise<void> {
    if (notified.length === 0) return;
    const failures = new Map(notified.map((failure) => [failure.id, failure.failures]));
    await this.ledger.amendAll([...failures.keys()], (failure) =>
      failure.failures === failures.get(failure.id) ? withoutAlert(failure) : undefined,
    );
  }
}

function withoutAlert({ alert: _alert, ...failure }: FailedMessage): FailedMessage {
  return failure;
}

function dataOf({ key, code, reason, count }: Omit<AlertData, 'id'>): Omit<AlertData, 'id'> {
  return { key, code, reason, count };
}

function failedReplayIn(groups: readonly GroupSummary[]): (replay: UnnotifiedReplay) => FailedReplay {
  const counts = new Map(groups.map(({ key, count }) => [key, count]));
  return ({ id, code, failures, group: { key, reason } }) => {
    // The groups may be slightly older than the failure.
    return { id, failures, group: { key, code, reason, count: counts.get(key) ?? 1 } };
  };
}
