import type { FailureGroup } from './failure-group.js';
import type { RecordPosition } from '../identity.js';
import type { Message, MessageId } from '../message.js';
import { FIELDS, NOT_ALLOWED, replaceLoneSurrogates, type Field } from '../message-rules.js';

/** Why delivery ended: an invalid send (`refused`), a record rejected for its content, or exhausted retries. */
export type Disposition = 'refused' | 'rejected' | 'exhausted';

export interface Origin extends RecordPosition {
  readonly group: string;
}

/**
 * A record whose delivery failed for good, as written to the dead-letter topic. `from`, `to` and `message` are as
 * readable as they were; no rule holds for them.
 */
export interface DeadLetter extends Message {
  /** The fingerprint of the content; see `Identities`. */
  readonly content: string;
  /** `base64` if `message` holds the bytes of a value that is not a message. */
  readonly encoding?: 'base64';
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** The value was truncated, so the message cannot be sent again as it was. */
  readonly truncated: boolean;
  /** The members that were truncated or converted. Absent if the dead letter does not say; see `alteredMembers`. */
  readonly altered?: readonly Field[];
  readonly reason: string;
  readonly code: string;
  readonly disposition: Disposition;
  /** Counted delivery attempts; 0 if delivery was not attempted. */
  readonly attempts: number;
  readonly failedAt: number;
  /** Absent for an invalid send, which has no record. */
  readonly origin?: Origin;
  readonly replays: number;
  /** The id that the message was sent with, if another message has that id. */
  readonly conflictsWith?: MessageId;
}

export type FailureState = 'unresolved' | 'replaying' | 'correcting' | 'resolved' | 'discarded';
export type Resolution = 'stored' | 'superseded';

export interface HistoryEvent {
  readonly at: number;
  readonly event: string;
  readonly by?: string;
  readonly note?: string;
}

/** An operator's action on a failed message. `by` is not verified. */
export interface Act {
  /**
   * A unique id. If an act is applied again because its first commit was not confirmed, this id shows that it
   * already took effect.
   */
  readonly id: string;
  readonly at: number;
  readonly by?: string | undefined;
}

/** The corrected message that supersedes a failed one. Its id is derived from the failed message's id. */
export interface Correction extends Message {
  readonly at: number;
}

/**
 * Marks a failure as taken by a bulk replay, as replay number `replays`; without `replays`, the bulk replay skipped it.
 */
export interface JobMark {
  readonly id: string;
  readonly replays?: number;
  /** The log confirmed the record. */
  readonly published?: true;
  /** The message failed again. */
  readonly failed?: true;
}

/** A dead letter with its state in the ledger. Times are milliseconds since the epoch. */
export interface FailedMessage extends DeadLetter {
  readonly state: FailureState;
  readonly resolution?: Resolution;
  readonly group: FailureGroup;
  /** How often its delivery has failed for good. */
  readonly failures: number;
  readonly firstFailedAt: number;
  /** When the ledger last recorded it as failed, by the ledger's clock. */
  readonly recordedAt: number;
  readonly history: readonly HistoryEvent[];
  /** The ids of the most recent acts. */
  readonly acts?: readonly string[];
  /** When the current replay began. */
  readonly replayingSince?: number;
  /** When the publishing process's lease ends. Present while a replay or correction must still be published. */
  readonly lease?: number;
  readonly correction?: Correction;
  readonly jobs?: readonly JobMark[];
  /** An alert is due because a replay failed again. */
  readonly alert?: 'replay-failed';
}

export const OPEN_STATES: readonly FailureState[] = ['unresolved', 'replaying', 'correcting'];

export function firstFailure(letter: DeadLetter, now: number, group: FailureGroup): FailedMessage {
  const failure: FailedMessage = {
    ...letter,
    state: 'unresolved',
    group,
    failures: 1,
    firstFailedAt: letter.failedAt,
    recordedAt: now,
    history: [failedEvent(letter)],
  };
  const altered = alteredMembers(letter);
  return altered.length > 0 ? { ...failure, altered } : failure;
}

/** Records another failure. The message stays as first received; reason, code and attempts are the latest. */
export function failedAgain(
  known: FailedMessage,
  letter: DeadLetter,
  now: number,
  group: FailureGroup,
): FailedMessage {
  const { reason, code, disposition, attempts, failedAt, replays } = letter;
  const origin = letter.origin ?? known.origin;
  const jobs = marksOf(known, replays, { failed: true });
  return {
    ...withoutLease(known),
    ...copyAltered(known),
    ...{ reason, code, disposition, attempts, failedAt, replays, group },
    ...(origin === undefined ? {} : { origin }),
    ...(jobs && { jobs }),
    ...(known.state === 'replaying' && disposition !== 'refused' && { alert: 'replay-failed' as const }),
    state: 'unresolved',
    failures: known.failures + 1,
    recordedAt: now,
    history: [...known.history, failedEvent(letter)],
  };
}

export function resolvedByStoring(known: FailedMessage, now: number): FailedMessage {
  const history = [...known.history, { at: now, event: 'stored' }];
  const jobs = marksOf(known, known.replays, { published: true });
  return { ...withoutLease(known), ...(jobs && { jobs }), state: 'resolved', resolution: 'stored', history };
}

/** Returns the marks of bulk replays, updated with the result of this replay. */
export function marksOf(
  { jobs }: FailedMessage,
  replays: number,
  news: Pick<JobMark, 'published' | 'failed'>,
): readonly JobMark[] | undefined {
  return jobs?.map((mark) => (mark.replays === replays ? { ...mark, ...news } : mark));
}

/** Removes the fields of a replay or correction in flight. */
export function withoutLease({
  lease: _lease,
  replayingSince: _since,
  ...rest
}: FailedMessage): FailedMessage {
  return rest;
}

/**
 * Returns the members that differ from what was sent, so that only a correction can send them: those that the dead
 * letter lists (or, if it has no list, those that its reason names), the text of a truncated letter, and every
 * member with lone surrogates, which stores replace.
 */
export function alteredMembers(letter: DeadLetter): readonly Field[] {
  return FIELDS.filter(
    (field) =>
      (letter.altered?.includes(field) ?? isAlteredByReason(field, letter)) ||
      (field === 'message' && letter.truncated) ||
      replaceLoneSurrogates(letter[field]) !== letter[field],
  );
}

/**
 * Returns the `altered` list to store with a failure, because its reason may change and a store may replace lone
 * surrogates.
 */
export function copyAltered(letter: DeadLetter): Pick<DeadLetter, 'altered'> {
  const altered = alteredMembers(letter);
  return altered.length > 0 ? { altered } : {};
}

function isAlteredByReason(field: Field, { disposition, reason }: DeadLetter): boolean {
  const broken = `${field}: Path \`${field}\` `;
  if (disposition === 'refused') return reason.includes(broken);
  // A rejected record is recorded unchanged, except for lone surrogates.
  return disposition === 'rejected' && field === 'message' && reason.includes(broken + NOT_ALLOWED);
}

function failedEvent({ failedAt, reason }: DeadLetter): HistoryEvent {
  return { at: failedAt, event: 'failed', note: reason };
}
