import type { FailureGroup } from './failure-group.js';
import type { RecordPosition } from '../identity.js';
import type { Message, MessageId } from '../message.js';
import { FIELDS, NOT_ALLOWED, replaceLoneSurrogates, type Field } from '../message-rules.js';

/** Why it went no further: refused at the door, rejected as it is, or out of retries. */
export type Disposition = 'refused' | 'rejected' | 'exhausted';

export interface Origin extends RecordPosition {
  readonly group: string;
}

/**
 * What is known when delivery of a record has failed for good; all of it travels on the dead-letter topic.
 * from, to and message are as readable as they were: no rule holds for them.
 */
export interface DeadLetter extends Message {
  /** The fingerprint of what was to be delivered; see `Identities`. */
  readonly content: string;
  /** `base64` where `message` shows the bytes of a value that is no message. */
  readonly encoding?: 'base64';
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** The value is cut: what is kept cannot be sent again. */
  readonly truncated: boolean;
  /** The members that were cut or converted. Missing where the dead letter does not say; see `alteredMembers`. */
  readonly altered?: readonly Field[];
  readonly reason: string;
  readonly code: string;
  readonly disposition: Disposition;
  /** Tries that counted; 0 where nothing was tried. */
  readonly attempts: number;
  readonly failedAt: number;
  /** Absent where there was no record: a send refused at the door. */
  readonly origin?: Origin;
  readonly replays: number;
  /** The id that it came under, where another message has that id. */
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

/** Who does something to a failed message, when. `by` is a claim. */
export interface Act {
  /** Unique. An act that is applied again, because its first commit went unconfirmed, recognises its effect by it. */
  readonly id: string;
  readonly at: number;
  readonly by?: string;
}

/** The corrected message that is to take the failed one's place. Its id is derived from the failed one's. */
export interface Correction extends Message {
  readonly at: number;
}

/** A bulk replay that has taken the failure, as its replay number `replays`; without one it passed it over. */
export interface JobMark {
  readonly id: string;
  readonly replays?: number;
  /** The log has it. */
  readonly published?: true;
  /** It failed once more. */
  readonly failed?: true;
}

/** A dead letter and its life in the ledger. Times are milliseconds since the epoch. */
export interface FailedMessage extends DeadLetter {
  readonly state: FailureState;
  readonly resolution?: Resolution;
  readonly group: FailureGroup;
  /** How often it ended here. */
  readonly failures: number;
  readonly firstFailedAt: number;
  /** When the ledger last recorded it as failed, by the ledger's clock. */
  readonly recordedAt: number;
  readonly history: readonly HistoryEvent[];
  /** The ids of the last acts. */
  readonly acts?: readonly string[];
  /** Since when it has been replaying. */
  readonly replayingSince?: number;
  /** There while something is to be published, and whoever does it has until then. */
  readonly lease?: number;
  readonly correction?: Correction;
  readonly jobs?: readonly JobMark[];
  /** Somebody is to be told that a replay of it failed again. */
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

/** It failed once more: the message stays as it first came, the circumstances are the latest. */
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
    ...keptAltered(known),
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

/** The marks of bulk replays, with what is now known of this replay. */
export function marksOf(
  { jobs }: FailedMessage,
  replays: number,
  news: Pick<JobMark, 'published' | 'failed'>,
): readonly JobMark[] | undefined {
  return jobs?.map((mark) => (mark.replays === replays ? { ...mark, ...news } : mark));
}

/** Without what belongs to a replay or a correction under way. */
export function withoutLease({
  lease: _lease,
  replayingSince: _since,
  ...rest
}: FailedMessage): FailedMessage {
  return rest;
}

/**
 * The members that a failure does not show as they were sent, so that only a correction can send it: those that its dead
 * letter names (where it does not say, those that its reason names), the text of a truncated one, and what has lone
 * surrogates, which stores replace.
 */
export function alteredMembers(letter: DeadLetter): readonly Field[] {
  return FIELDS.filter(
    (field) =>
      (letter.altered?.includes(field) ?? isAlteredByReason(field, letter)) ||
      (field === 'message' && letter.truncated) ||
      replaceLoneSurrogates(letter[field]) !== letter[field],
  );
}

/** To be kept with a failure, since its reason may change and a store may replace its lone surrogates. */
export function keptAltered(letter: DeadLetter): Pick<DeadLetter, 'altered'> {
  const altered = alteredMembers(letter);
  return altered.length > 0 ? { altered } : {};
}

function isAlteredByReason(field: Field, { disposition, reason }: DeadLetter): boolean {
  const broken = `${field}: Path \`${field}\` `;
  if (disposition === 'refused') return reason.includes(broken);
  // Of a rejected record all is kept, but for lone surrogates.
  return disposition === 'rejected' && field === 'message' && reason.includes(broken + NOT_ALLOWED);
}

function failedEvent({ failedAt, reason }: DeadLetter): HistoryEvent {
  return { at: failedAt, event: 'failed', note: reason };
}
