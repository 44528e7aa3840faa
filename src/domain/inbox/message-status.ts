import type { FailedMessage, HistoryEvent } from '../failures/failed-message.js';
import type { Message, MessageId, StoredMessage } from '../message.js';

export type MessageStatus = 'stored' | 'read' | 'failed' | 'replaying' | 'superseded' | 'discarded';

/** How far a client has read its inbox, and since when. */
export interface ReadPosition {
  readonly number: number;
  readonly at: number;
}

/** Where a message stands and how it came there. Times are milliseconds since the epoch. */
export interface MessageStatusReport extends Message {
  readonly encoding?: 'base64';
  readonly status: MessageStatus;
  readonly storedAt?: number;
  /** The corrected message that has taken its place. */
  readonly correctedBy?: MessageId;
  /** Failed messages that came under the same id with other content. */
  readonly conflicts?: readonly MessageId[];
  /** Tries of its latest delivery that counted; 0 where it was not tried. */
  readonly attempts: number;
  readonly failures: number;
  readonly replays: number;
  /** From `sent` on, oldest first. */
  readonly events: readonly HistoryEvent[];
}

/** What the ledger holds under one id: one of the two, or both. */
export type Holding =
  | { readonly message: StoredMessage; readonly failure?: FailedMessage }
  | { readonly message?: undefined; readonly failure: FailedMessage };

export function statusReportOf(holding: Holding, position?: ReadPosition): MessageStatusReport {
  const { message, failure } = holding;
  const base = baseOf(message ?? failure, failure);
  const sent = { at: base.sentAt, event: 'sent' };
  if (message === undefined) {
    const { encoding, attempts, history } = failure;
    const status = statusOf(failure) ?? 'stored';
    return { ...base, ...(encoding && { encoding }), status, attempts, events: [sent, ...history] };
  }
  const { storedAt, number } = message;
  const read = position !== undefined && position.number >= number ? [readEvent(number, position)] : [];
  return {
    ...base,
    status: statusOf(failure) ?? (read.length > 0 ? 'read' : 'stored'),
    ...{ storedAt, attempts: 1 },
    events: [sent, ...(failure?.history ?? [{ at: storedAt, event: 'stored' }]), ...read],
  };
}

/** What is told of every message. */
function baseOf({ id, from, to, message, sentAt, corrects }: Message, failure: FailedMessage | undefined) {
  const correctedBy = failure?.correction?.id;
  return {
    ...{ id, from, to, message, sentAt },
    ...(corrects !== undefined && { corrects }),
    ...(correctedBy !== undefined && { correctedBy }),
    ...{ failures: failure?.failures ?? 0, replays: failure?.replays ?? 0 },
  };
}

/** Undefined where no failure stands between the message and its inbox. */
function statusOf(failure: FailedMessage | undefined): MessageStatus | undefined {
  if (failure === undefined) return undefined;
  switch (failure.state) {
    case 'unresolved':
      return 'failed';
    case 'replaying':
    case 'correcting':
      return 'replaying';
    case 'discarded':
      return 'discarded';
    case 'resolved':
      return failure.resolution === 'superseded' ? 'superseded' : undefined;
  }
}

/** Of a position only its latest move is kept: what it passed on the way was read by then. */
function readEvent(number: number, position: ReadPosition): HistoryEvent {
  const event = { at: position.at, event: 'read' };
  return position.number === number ? event : { ...event, note: 'at the latest' };
}
