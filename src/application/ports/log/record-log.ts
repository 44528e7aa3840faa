import type { RecordPosition } from '../../../domain/identity.js';

/** A record to write. Header values are text. Buffers that a codec made are not copied. */
export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as read. `timestamp` is set by the log, in milliseconds since the epoch. */
export interface LogRecord extends NewRecord, RecordPosition {
  readonly timestamp: number;
}

/** The log's result for one record of a batch. A `too-large` record was not written; the others were. */
export type AppendResult = 'appended' | 'too-large';

/**
 * Appends records to one topic of the log: messages or dead letters.
 *
 * `append` writes the records of each key in the given order and resolves with one result per record when all of
 * them are durable (on all in-sync replicas, or flushed). It retries through outages and may write a record more
 * than once. It stops when `signal` is aborted or the log returns an error that cannot be retried, and then rejects
 * with `SendFailed`: `not-sent` if no record of the batch can be in the log, otherwise `unknown`. Not safe to call
 * concurrently: larger batches give more throughput.
 *
 * `close` may be called twice. An append in flight ends as if aborted.
 */
export interface RecordLog {
  append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]>;
  close(): Promise<void>;
}
