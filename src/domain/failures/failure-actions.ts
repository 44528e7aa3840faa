import { TooManyReplays, WrongState } from './action-refused.js';
import { DomainError } from '../errors.js';
import {
  withoutLease,
  copyAltered,
  marksOf,
  type Act,
  type FailedMessage,
  type HistoryEvent,
} from './failed-message.js';
import type { Identities } from '../identity.js';
import { checkReplayable, correctedContent, type Changes } from './resend-rules.js';

export interface ReplayOrder extends Act {
  /** Replay even if the limit of replays is reached or a replay seems stuck. */
  readonly force: boolean;
  /** The bulk replay that requests this replay. */
  readonly job?: string;
}

export interface ReplayRules {
  readonly messageMaxLength: number;
  /** The number of replays allowed without `force`. */
  readonly maxReplays: number;
  /** How long the publishing process has before another process may publish. */
  readonly leaseMs: number;
}

/** A replay without a result for this long can be discarded or started again with `force`. */
export const STUCK_AFTER_MS = 15 * 60_000;
const JOBS_MAX = 20;
const ACTS_MAX = 20;

/** Begins a replay: unresolved → replaying. With `force`, a stuck replay starts again. */
export function beginReplay(failure: FailedMessage, order: ReplayOrder, rules: ReplayRules): FailedMessage {
  if (isEffectOf(order, failure)) return failure;
  const { state, replays } = failure;
  if (state !== 'unresolved' && !isStuck(failure, order)) throw wrongState(failure, order, 'replayed');
  checkReplayable(failure, rules.messageMaxLength);
  if (replays >= rules.maxReplays && !order.force) throw tooManyReplays(failure);
  const next = replays + 1;
  return {
    ...failure,
    state: 'replaying',
    replays: next,
    replayingSince: order.at,
    lease: order.at + rules.leaseMs,
    ...(order.job !== undefined && { jobs: marked(failure, { id: order.job, replays: next }) }),
    ...recordAct(failure, order, 'replayed'),
  };
}

/**
 * Takes a failure for the bulk replay that began at `before`. A failure that cannot be replayed as it is gets a
 * mark and is skipped. Returns undefined if the failure is no longer in the set; a repeated order returns the
 * failure unchanged.
 */
export function takeForJob(
  failure: FailedMessage,
  order: ReplayOrder & { readonly job: string },
  before: number,
  rules: ReplayRules,
): FailedMessage | undefined {
  if (isEffectOf(order, failure)) return failure;
  const { state, recordedAt, jobs } = failure;
  const isTaken = jobs?.some(({ id }) => id === order.job) ?? false;
  if (state !== 'unresolved' || recordedAt >= before || isTaken) return undefined;
  try {
    return beginReplay(failure, order, rules);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ...failure, jobs: marked(failure, { id: order.job }) };
  }
}

/** Begins a correction: unresolved → correcting. Throws `InvalidMessage` if the corrected message breaks the rules. */
export function beginCorrection(
  failure: FailedMessage,
  changes: Changes,
  act: Act,
  rules: ReplayRules,
  identities: Identities,
): FailedMessage {
  if (isEffectOf(act, failure)) return failure;
  if (failure.state !== 'unresolved') throw wrongState(failure, { ...act, force: false }, 'corrected');
  const content = correctedContent(failure, changes, rules.messageMaxLength);
  const { at } = act;
  return {
    ...failure,
    state: 'correcting',
    lease: at + rules.leaseMs,
    correction: { ...content, id: identities.ofCorrection(failure.id), sentAt: at, at },
    ...recordAct(failure, act, 'corrected'),
  };
}

/**
 * Records that the log confirmed the record published under this lease. Returns undefined if the lease is no longer
 * the failure's.
 */
export function published(failure: FailedMessage, lease: number, at: number): FailedMessage | undefined {
  if (failure.lease !== lease) return undefined;
  if (failure.state === 'correcting') {
    const history = [...failure.history, { at, event: 'superseded', ...noteOf(failure) }];
    return { ...withoutLease(failure), state: 'resolved', resolution: 'superseded', history };
  }
  const { lease: _lease, ...rest } = failure;
  const jobs = marksOf(failure, failure.replays, { published: true });
  return { ...rest, ...(jobs && { jobs }) };
}

/** Takes an expired lease until `until`, to publish again. Returns undefined if the lease has not expired. */
export function renewReplayLease(
  failure: FailedMessage,
  now: number,
  until: number,
): FailedMessage | undefined {
  if (failure.lease === undefined || failure.lease > now) return undefined;
  return { ...failure, lease: until };
}

/**
 * Makes the failure unresolved because the log can never take the record. Returns undefined if the lease is no
 * longer the failure's.
 */
export function publicationRejected(
  failure: FailedMessage,
  lease: number,
  reason: { readonly code: string; readonly reason: string },
  at: number,
): FailedMessage | undefined {
  if (failure.lease !== lease) return undefined;
  const { correction: _correction, ...rest } = withoutLease(failure);
  const jobs = failure.jobs?.map((mark) => (mark.replays === failure.replays ? { id: mark.id } : mark));
  return {
    ...rest,
    ...copyAltered(failure),
    ...reason,
    ...(jobs && { jobs }),
    state: 'unresolved',
    failedAt: at,
    recordedAt: at,
    history: [...failure.history, { at, event: 'failed', note: reason.reason }],
  };
}

/** Discards a failure: unresolved → discarded. With `force`, also a stuck replay. */
export function discard(
  failure: FailedMessage,
  order: ReplayOrder & { readonly note?: string },
): FailedMessage {
  if (isEffectOf(order, failure)) return failure;
  if (failure.state !== 'unresolved' && !isStuck(failure, order))
    throw wrongState(failure, order, 'discarded');
  return {
    ...withoutLease(failure),
    state: 'discarded',
    ...recordAct(failure, order, 'discarded', order.note),
  };
}

/**
 * Reports whether a failure is closed, or an unresolved invalid send, and all its events are before `before`.
 * The last event counts because a replayed record can be as recent, and the ledger would treat it as new
 * after the failure is swept.
 */
export function isSweepable(failure: FailedMessage, before: number): boolean {
  const { state, disposition, recordedAt, history } = failure;
  const isClosed = state === 'resolved' || state === 'discarded';
  if (!isClosed && !(state === 'unresolved' && disposition === 'refused')) return false;
  return recordedAt < before && history.every(({ at }) => at < before);
}

function isStuck({ state, replayingSince = 0 }: FailedMessage, { at, force }: ReplayOrder): boolean {
  return state === 'replaying' && force && at - replayingSince >= STUCK_AFTER_MS;
}

function wrongState({ state }: FailedMessage, { force }: ReplayOrder, action: string): WrongState {
  const hint =
    state === 'replaying'
      ? force
        ? ' A replay can be forced only after 15 minutes without a result.'
        : ' After 15 minutes without a result, a replay can be forced.'
      : '';
  return new WrongState(
    state,
    `The failed message is ${state}. Only an unresolved one can be ${action}.${hint}`,
  );
}

function tooManyReplays({ state, replays }: FailedMessage): TooManyReplays {
  const detail = `The message was replayed ${String(replays)} times and failed each time. Use force to replay it again.`;
  return new TooManyReplays(state, detail);
}

function marked(
  { jobs = [] }: FailedMessage,
  mark: { readonly id: string; readonly replays?: number },
): FailedMessage['jobs'] & object {
  return [...jobs, mark].slice(-JOBS_MAX);
}

function isEffectOf({ id }: Act, { acts }: FailedMessage): boolean {
  return acts?.includes(id) ?? false;
}

function recordAct(
  { acts = [], history }: FailedMessage,
  { id, at, by }: Act,
  event: string,
  note?: string,
): Pick<FailedMessage, 'acts' | 'history'> {
  const recorded: HistoryEvent = {
    at,
    event,
    ...(by !== undefined && { by }),
    ...(note !== undefined && { note }),
  };
  return { acts: [...acts, id].slice(-ACTS_MAX), history: [...history, recorded] };
}

function noteOf({ correction }: FailedMessage): { readonly note?: string } {
  return correction ? { note: `by ${correction.id}` } : {};
}
