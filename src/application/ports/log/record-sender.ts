import type { AppendResult, NewRecord } from './record-log.js';

/**
 * Sends single records to one topic and gathers them into batches. `send` resolves when the record is durable in
 * the log, and rejects with `SendFailed` or `RecordTooLarge`.
 */
export interface RecordSender {
  send(record: NewRecord): Promise<void>;
}

/** A sender with limited space for records in flight. */
export interface BoundedSender extends RecordSender {
  /** The error that any send would be rejected with now; undefined if sends are accepted. */
  readonly rejection: Error | undefined;
}

/** A sender that is drained when the process stops. */
export interface MessageQueue extends BoundedSender {
  /** The number of records that wait for their append. */
  readonly length: number;
  /** Accepts no more sends. Resolves when all are answered, after `timeoutMs` at the latest. */
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
