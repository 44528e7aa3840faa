import type { DeadLetter, FailedMessage } from '../../domain/failures/failed-message.js';
import type { Message } from '../../domain/message.js';
import type { LogRecord, NewRecord } from './record-log.js';

/** The W3C Trace Context of a send, if the sender gave one. */
export interface TraceContext {
  readonly traceparent?: string;
}

/** A record of the message topic: a message, or the readable parts of a record that cannot be delivered. */
export type DecodedRecord =
  | {
      readonly kind: 'message';
      readonly message: Message;
      readonly content: string;
      readonly replays: number;
    }
  | ({ readonly kind: 'invalid'; readonly code: string; readonly reason: string } & ReadableParts);

/** Texts that cannot be read are `''`. `encoding` as in `DeadLetter`. */
export interface ReadableParts {
  readonly message: Message;
  readonly content: string;
  readonly encoding?: 'base64';
  readonly replays: number;
}

/**
 * The wire format. Encoding and decoding never throw. Any bytes decode to an id and a content, which are the same
 * each time the same record is read.
 */
export interface RecordCodec {
  encode(message: Message, trace: TraceContext): NewRecord;
  decode(record: LogRecord): DecodedRecord;
  encodeDeadLetter(letter: DeadLetter): NewRecord;
  /** Encodes the same message if the failure is replaying, or the corrected message if it is correcting. */
  encodeReplay(failure: FailedMessage): NewRecord;
  decodeDeadLetter(record: LogRecord): DeadLetter;
}
