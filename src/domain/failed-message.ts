import type { RecordPosition } from './identity.js';
import type { Message, MessageId } from './message.js';

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

/** A dead letter and its life in the ledger. Times are milliseconds since the epoch. */
export interface FailedMessage extends DeadLetter {
  readonly state: FailureState;
  readonly resolution?: Resolution;
  /** How often it ended here. */
  readonly failures: number;
  readonly firstFailedAt: number;
  /** When the ledger last recorded it as failed, by the ledger's clock. */
  readonly recordedAt: number;
  readonly history: readonly HistoryEvent[];
}

export const OPEN_STATES: readonly FailureState[] = ['unresolved', 'replaying', 'correcting'];

export function firstFailure(letter: DeadLetter, now: number): FailedMessage {
  return {
    ...letter,
    state: 'unresolved',
    failures: 1,
    firstFailedAt: letter.failedAt,
    recordedAt: now,
    history: [failedEvent(letter)],
  };
}

/** It failed once more: the message stays as it first came, the circumstances are the latest. */
export function failedAgain(known: FailedMessage, letter: DeadLetter, now: number): FailedMessage {
  const { reason, code, disposition, attempts, failedAt, replays } = letter;
  const origin = letter.origin ?? known.origin;
  return {
    ...known,
    ...{ reason, code, disposition, attempts, failedAt, replays },
    ...(origin === undefined ? {} : { origin }),
    state: 'unresolved',
    failures: known.failures + 1,
    recordedAt: now,
    history: [...known.history, failedEvent(letter)],
  };
}

export function resolvedByStoring(known: FailedMessage, now: number): FailedMessage {
  const history = [...known.history, { at: now, event: 'stored' }];
  return { ...known, state: 'resolved', resolution: 'stored', history };
}

function failedEvent({ failedAt, reason }: DeadLetter): HistoryEvent {
  return { at: failedAt, event: 'failed', note: reason };
}
