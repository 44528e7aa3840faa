import { TooManyReplays, WrongState } from './action-refused.js';
import { DomainError } from '../errors.js';
import {
  withoutLease,
  keptAltered,
  marksOf,
  type Act,
  type FailedMessage,
  type HistoryEvent,
} from './failed-message.js';
import type { Identities } from '../identity.js';
import { checkReplayable, correctedContent, type Changes } from './resend-rules.js';

export interface ReplayOrder extends Act {
  /** Also where it has been replayed too often, or is replaying for too long. */
  readonly force: boolean;
  /** The bulk replay that asks for it. */
  readonly job?: string;
}

export interface ReplayRules {
  readonly messageMaxLength: number;
  /** Replays without force. */
  readonly maxReplays: number;
  /** How long whoever publishes has for it. */
  readonly leaseMs: number;
}

/** A replay that has brought nothing for so long may be given up, or begun anew, by who says `force`. */
export const STUCK_AFTER_MS = 15 * 60_000;
const JOBS_MAX = 20;
const ACTS_MAX = 20;

/** unresolved → replaying; with force after a time also replaying → replaying, once more. */
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
 * For a bulk replay that began at `before`: replaying, or passed over with a mark where it cannot be replayed as it
 * is. Undefined where it does not belong to the set any more, unless this very order has taken it.
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

/** unresolved → correcting. Throws `InvalidMessage` where the corrected message breaks the rules. */
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

/** The log has what was to be published under this lease. Undefined where that is no longer so. */
export function published(failure: FailedMessage, lease: number, at: number): FailedMessage | undefined {
  if (failure.lease !== lease) return undefined;
  if (failure.state === 'correcting') {
    const history = [...failure.history, { at, event: 'superseded', ...noteOf(failure) }];
    return { ...withoutLease(failure), state: 'resolved', resolution: 'superseded', history };
  }
  const { lease: _over, ...rest } = failure;
  const jobs = marksOf(failure, failure.replays, { published: true });
  return { ...rest, ...(jobs && { jobs }) };
}

/** Nobody has published it in time: another one has until `until` for it. Undefined where somebody else does. */
export function takeOver(failure: FailedMessage, now: number, until: number): FailedMessage | undefined {
  if (failure.lease === undefined || failure.lease > now) return undefined;
  return { ...failure, lease: until };
}

/** The log refuses for good what was to be published: it was never there. Undefined where that is no longer so. */
export function publishingRefused(
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
    ...keptAltered(failure),
    ...reason,
    ...(jobs && { jobs }),
    state: 'unresolved',
    failedAt: at,
    recordedAt: at,
    history: [...failure.history, { at, event: 'failed', note: reason.reason }],
  };
}

/** unresolved → discarded; with force after a time also out of replaying. */
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
 * Nobody will do anything about it any more, and nothing happened to it since. The time of its last event counts: a
 * replay's record may be as young as that, and would be new to a ledger that has forgotten it.
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
        ? ' A replay can be forced only when it has brought nothing for 15 minutes.'
        : ' When a replay has brought nothing for 15 minutes it can be forced.'
      : '';
  return new WrongState(state, `It is ${state}: only what is unresolved can be ${action}.${hint}`);
}

function tooManyReplays({ state, replays }: FailedMessage): TooManyReplays {
  const detail = `It has been replayed ${String(replays)} times and failed each time. With force it is replayed again.`;
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
