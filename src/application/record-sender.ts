import type { NewRecord } from './ports/record-log.js';

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
  readonly obstacle: Error | undefined;
}
