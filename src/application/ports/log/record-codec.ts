import type { DeadLetter, FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Message } from '../../../domain/message.js';
import type { LogRecord, NewRecord } from './record-log.js';

/** Where a trace goes on (W3C Trace Context), if the sender gave one. */
export interface TraceContext {
  readonly traceparent?: string;
}

/** A record of the message topic: a message, or what could be read of one that can't be delivered. */
export type DecodedRecord =
  | {
      readonly kind: 'message';
      readonly message: Message;
      readonly content: string;
      readonly replays: number;
    }
  | ({ readonly kind: 'invalid'; readonly code: string; readonly reason: string } & ReadableParts);

/** Texts are `''` where they can't be read; `encoding` as in `DeadLetter`. */
export interface ReadableParts {
  readonly message: Message;
  readonly content: string;
  readonly encoding?: 'base64';
  readonly replays: number;
}

/**
 * The wire format. Encoding and decoding never throw: whatever bytes come, there is an id and a content, the same
 * for the same record each time it is read.
 */
export interface RecordCodec {
  encode(message: Message, trace: TraceContext): NewRecord;
  decode(record: LogRecord): DecodedRecord;
  encodeDeadLetter(letter: DeadLetter): NewRecord;
  /** What is to be published for a failure that is replaying (the same message) or correcting (the corrected one). */
  encodeReplay(failure: FailedMessage): NewRecord;
  decodeDeadLetter(record: LogRecord): DeadLetter;
}
