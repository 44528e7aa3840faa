import type { AppendResult, NewRecord } from './record-log.js';

/**
 * Sends single records to one topic, gathered into batches. Resolves when the record is durable in the log; rejects
 * with `SendFailed` or `RecordTooLarge`.
 */
export interface RecordSender {
  send(record: NewRecord): Promise<void>;
}

/** One that takes so many at a time, and no more. */
export interface BoundedSender extends RecordSender {
  /** What any send would be rejected with at this moment. */
  readonly rejection: Error | undefined;
}

/** One that is emptied at the end of the program. */
export interface MessageQueue extends BoundedSender {
  /** Records that wait for their append. */
  readonly length: number;
  /** Takes no more sends, and resolves when every one is answered, at the latest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

/**
 * Also sends many records to the topic in one append, or where they are more than one append holds, in several, one
 * after the other. Resolves with a result for each record in order, up to the append that failed: the records without a
 * result may be in the log or not. Never rejects.
 */
export interface RunSender extends RecordSender {
  sendAll(records: readonly NewRecord[]): Promise<readonly AppendResult[]>;
}
