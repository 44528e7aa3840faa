import type { MessageId } from '../message.js';

export type AlertType = 'failures.group-new' | 'failures.oldest-age' | 'failures.replay-failed';

/** The group that an alert is about, and the message if it is about one. */
export interface AlertData {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly count: number;
  readonly id?: MessageId;
}

/** A notification for operators. Times are milliseconds since the epoch. */
export interface Alert {
  /** Stays the same across deliveries. */
  readonly id: string;
  readonly type: AlertType;
  /** When the condition was observed. */
  readonly at: number;
  readonly data: AlertData;
}

export interface PendingAlert extends Alert {
  /** Failed delivery attempts. */
  readonly attempts: number;
  /** The earliest time of the next delivery. */
  readonly due: number;
}

/** The stored state of alerts, replaced by each observation and delivery. */
export interface AlertState {
  /** When the watching process's lease ends. */
  readonly lease: number;
  /** The keys of the existing groups that an alert was created for. */
  readonly groups: readonly string[];
  /** An alert was created for the age of the oldest failure, and the age has not been below the threshold since. */
  readonly isAgeTold: boolean;
  readonly pending: readonly PendingAlert[];
}

/** A group of failures that has at least one failure which is not an invalid send. */
export interface WatchedGroup extends Omit<AlertData, 'id'> {
  /** The oldest failure that is not an invalid send. */
  readonly oldest: { readonly id: MessageId; readonly at: number };
}

/** A replay that failed again. `failures` counts the message's failures. */
export interface FailedReplay {
  readonly id: MessageId;
  readonly failures: number;
  readonly group: Omit<AlertData, 'id'>;
}

export interface Observation {
  readonly now: number;
  /** The age at which the oldest failure causes an alert. */
  readonly ageMs: number;
  readonly groups: readonly WatchedGroup[];
  readonly replays: readonly FailedReplay[];
}

export const NO_ALERTS: AlertState = { lease: 0, groups: [], isAgeTold: false, pending: [] };
/** At most this many alerts are pending. Further ones are created when there is space again. */
export const PENDING_MAX = 200;

const FIRST_DELAY_MS = 2_000;
const LAST_DELAY_MS = 300_000;

/**
 * Takes or renews the watch lease until `until`. `held` is the caller's current lease. Returns undefined while
 * another process holds the lease.
 */
export function withWatchLease(
  state: AlertState,
  held: number,
  now: number,
  until: number,
): AlertState | undefined {
  return state.lease <= now || state.lease === held ? { ...state, lease: until } : undefined;
}

/** Adds alerts for what was observed. A group that disappeared and came back counts as new. */
export function observed(state: AlertState, { now, ageMs, groups, replays }: Observation): AlertState {
  const capacity = Math.max(0, PENDING_MAX - state.pending.length);
  const known = new Set(state.groups);
  const found = groups.filter(({ key }) => !known.has(key)).slice(0, capacity);
  for (const { key } of found) known.add(key);
  const oldest = oldestOf(groups);
  const isOld = oldest !== undefined && now - oldest.oldest.at >= ageMs;
  const alerts = [
    ...found.map((group) => groupAlert(group, now)),
    ...(isOld && !state.isAgeTold ? [ageAlert(oldest, now)] : []),
    ...replays.map((replay) => replayAlert(replay, now)),
  ];
  const pending = new Set(state.pending.map(({ id }) => id));
  const fresh = alerts.filter(({ id }) => !pending.has(id));
  return {
    ...state,
    groups: groups.flatMap(({ key }) => (known.has(key) ? [key] : [])),
    isAgeTold: isOld,
    pending: [...state.pending, ...fresh.map((alert) => ({ ...alert, attempts: 0, due: now }))],
  };
}

export function delivered(state: AlertState, ids: ReadonlySet<string>): AlertState {
  return { ...state, pending: state.pending.filter(({ id }) => !ids.has(id)) };
}

/** Schedules the next delivery of each alert, with exponential backoff. */
export function notDelivered(state: AlertState, ids: ReadonlySet<string>, now: number): AlertState {
  const postponed = (alert: PendingAlert): PendingAlert => ({
    ...alert,
    attempts: alert.attempts + 1,
    due: now + Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** alert.attempts),
  });
  return { ...state, pending: state.pending.map((alert) => (ids.has(alert.id) ? postponed(alert) : alert)) };
}

function oldestOf(groups: readonly WatchedGroup[]): WatchedGroup | undefined {
  return groups.reduce<WatchedGroup | undefined>(
    (a, b) => (a === undefined || b.oldest.at < a.oldest.at ? b : a),
    undefined,
  );
}

function groupAlert({ oldest: _oldest, ...data }: WatchedGroup, at: number): Alert {
  return { id: `group-new-${data.key}-${String(at)}`, type: 'failures.group-new', at, data };
}

function ageAlert({ oldest, ...data }: WatchedGroup, at: number): Alert {
  const id = `oldest-age-${oldest.id}-${String(at)}`;
  return { id, type: 'failures.oldest-age', at, data: { ...data, id: oldest.id } };
}

function replayAlert({ id, failures, group }: FailedReplay, at: number): Alert {
  return {
    id: `replay-failed-${id}-${String(failures)}`,
    type: 'failures.replay-failed',
    at,
    data: { ...group, id },
  };
}
