import type { FailedMessage, HistoryEvent } from '../failures/failed-message.js';
import type { Message, MessageId, StoredMessage } from '../message.js';

export type MessageStatus = 'stored' | 'read' | 'failed' | 'replaying' | 'superseded' | 'discarded';

/** How far a client has read its inbox, and when it last moved. */
export interface ReadPosition {
  readonly number: number;
  readonly at: number;
}

/** The status of a message and its history. Times are milliseconds since the epoch. */
export interface MessageStatusReport extends Message {
  readonly encoding?: 'base64';
  readonly status: MessageStatus;
  readonly storedAt?: number;
  /** The corrected message that supersedes this one. */
  readonly correctedBy?: MessageId;
  /** Failed messages that were sent with the same id and other content. */
  readonly conflicts?: readonly MessageId[];
  /** Counted attempts of the latest delivery; 0 if delivery was not attempted. */
  readonly attempts: number;
  readonly failures: number;
  readonly replays: number;
  /** Oldest first; the first event is `sent`. */
  readonly events: readonly HistoryEvent[];
}

/** What the ledger holds under one id: a message, a failure, or both. */
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

/** Returns the members that every report has. */
function baseOf({ id, from, to, message, sentAt, corrects }: Message, failure: FailedMessage | undefined) {
  const correctedBy = failure?.correction?.id;
  return {
    ...{ id, from, to, message, sentAt },
    ...(corrects !== undefined && { corrects }),
    ...(correctedBy !== undefined && { correctedBy }),
    ...{ failures: failure?.failures ?? 0, replays: failure?.replays ?? 0 },
  };
}

/** Returns undefined if no failure keeps the message from its inbox. */
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

/** Only the latest move of a read position is stored, so a message that it passed was read at that time or earlier. */
function readEvent(number: number, position: ReadPosition): HistoryEvent {
  const event = { at: position.at, event: 'read' };
  return position.number === number ? event : { ...event, note: 'at the latest' };
}
