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

/** The results for some records of a run. */
export interface RunAnswer {
  /** The indexes of these records in the run, ascending. */
  readonly places: readonly number[];
  /** In the order of `places`, up to the append that failed. Records without a result may or may not be in the log. */
  readonly results: readonly AppendResult[];
}

/**
 * A sender that also sends many records together.
 *
 * `sendAll` writes the records of each partition in one append, or in several, one after the other, if they do not
 * fit into one. It calls back when the records of a partition are answered, independently of the other partitions,
 * and answers each record once. A `send` that follows in the same turn of the event loop may be written first.
 */
export interface RunSender extends RecordSender {
  sendAll(records: readonly NewRecord[], onAnswer: (answer: RunAnswer) => void): void;
}

export interface RunQueue extends MessageQueue, RunSender {}
