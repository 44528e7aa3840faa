import type { MessageId } from '../message.js';

export type AlertType = 'failures.group-new' | 'failures.oldest-age' | 'failures.replay-failed';

/** The group that is told of, and the message where one is meant. */
export interface AlertData {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly count: number;
  readonly id?: MessageId;
}

/** Something that somebody is to be told. Times are milliseconds since the epoch. */
export interface Alert {
  /** The same however often it is delivered. */
  readonly id: string;
  readonly type: AlertType;
  /** When it was noticed. */
  readonly at: number;
  readonly data: AlertData;
}

export interface PendingAlert extends Alert {
  /** Deliveries that failed. */
  readonly attempts: number;
  /** Not to be delivered before. */
  readonly due: number;
}

/** All that is known about alerts between one look and the next one. */
export interface AlertState {
  /** Until when the process that watches has this for itself. */
  readonly lease: number;
  /** The keys of the groups that have been told of, of those that there are. */
  readonly groups: readonly string[];
  /** The age of the oldest failure has been told of, and it has not been below the threshold since. */
  readonly isAgeTold: boolean;
  readonly pending: readonly PendingAlert[];
}

/** A group of failures that somebody is to be told of: not all of it was refused. */
export interface WatchedGroup extends Omit<AlertData, 'id'> {
  /** Of what was not refused. */
  readonly oldest: { readonly id: MessageId; readonly at: number };
}

/** A replay that has failed again; `failures` is how often the message did. */
export interface FailedReplay {
  readonly id: MessageId;
  readonly failures: number;
  readonly group: Omit<AlertData, 'id'>;
}

export interface Observation {
  readonly now: number;
  /** The failure's age from which it is told of. */
  readonly ageMs: number;
  readonly groups: readonly WatchedGroup[];
  readonly replays: readonly FailedReplay[];
}

export const NO_ALERTS: AlertState = { lease: 0, groups: [], isAgeTold: false, pending: [] };
/** What is beyond that is told of when there is room again. */
export const PENDING_MAX = 200;

const FIRST_DELAY_MS = 2_000;
const LAST_DELAY_MS = 300_000;

/** Whoever watches goes on doing so; another one may only when the lease is over. Undefined where that is not so. */
export function withWatchLease(
  state: AlertState,
  held: number,
  now: number,
  until: number,
): AlertState | undefined {
  return state.lease <= now || state.lease === held ? { ...state, lease: until } : undefined;
}

/** What is to be told of what was seen. A group that was gone and is there again is new again. */
export function observed(state: AlertState, { now, ageMs, groups, replays }: Observation): AlertState {
  const room = Math.max(0, PENDING_MAX - state.pending.length);
  const known = new Set(state.groups);
  const found = groups.filter(({ key }) => !known.has(key)).slice(0, room);
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

/** Those are delivered again, each after a longer while. */
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
  const told = `replay-failed-${id}-${String(failures)}`;
  return { id: told, type: 'failures.replay-failed', at, data: { ...group, id } };
}
