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

/** What became of some records of a run. */
export interface RunAnswer {
  /** Places of these records in the run, in its order. */
  readonly places: readonly number[];
  /** In the order of `places`, up to the append that failed: records without a result may be in the log or not. */
  readonly results: readonly AppendResult[];
}

/**
 * Also sends many records to the topic, those of one partition in one append, or if they are more than one append holds,
 * in several, one after the other. Calls back when the records of a partition are answered, whatever becomes of the
 * others. Answers each record once. A send that follows in the same turn of the event loop may be written first.
 */
export interface RunSender extends RecordSender {
  sendAll(records: readonly NewRecord[], onAnswer: (answer: RunAnswer) => void): void;
}

export interface RunQueue extends MessageQueue, RunSender {}
