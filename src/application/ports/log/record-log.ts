import type { RecordPosition } from '../../../domain/identity.js';

/** A record to be written. Header values are text; bytes that a codec made are never copied. */
export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as read. `timestamp` is the log's, in milliseconds since the epoch. */
export interface LogRecord extends NewRecord, RecordPosition {
  readonly timestamp: number;
}

/** What the log says to one record of a batch; `too-large` was not written, the others were. */
export type AppendResult = 'appended' | 'too-large';

/**
 * One topic of the log, as its writer sees it. There are two: messages and dead letters.
 *
 * `append` writes the records of one key in the order given, and resolves when every one is durable (all in-sync
 * replicas, or flushed), with one result per record. It goes on trying through outages and may write a record more
 * than once; it gives up when `signal` is aborted, or when the log's answer can't be retried. It rejects with
 * `SendFailed`: `not-sent` where nothing of the batch can be in the log, otherwise `unknown`. One call at a time:
 * who wants more throughput gives larger batches.
 *
 * `close` may be called twice; an append under way ends as if aborted.
 */
export interface RecordLog {
  append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]>;
  close(): Promise<void>;
}
