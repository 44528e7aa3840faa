import { SendFailed } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { AppendResult, NewRecord, RecordLog } from '../../../application/ports/record-log.js';
import type { BatchProducer } from './batch-producer.js';
import { canBeRetried, errorKind, isForbidden, isTooLarge } from '../kafka-errors.js';
import type { KafkaHealth } from '../kafka-health.js';
import { StopSignal } from './stop-signal.js';

export interface KafkaLogParts {
  readonly newProducer: () => BatchProducer;
  readonly health: Pick<KafkaHealth, 'succeeded' | 'failed'>;
  readonly clock: Clock;
}

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1_000;
/** A broker does not answer a request over 100 MiB (`socket.request.max.bytes`): it closes the connection. */
const MAX_REQUEST_BYTES = 90 * 1024 * 1024;

/** The state of one append in flight. */
interface Append {
  readonly stop: StopSignal;
  /** Whether any of its records may be in the log. */
  reached: boolean;
}

/** Appends to one topic in Kafka. After an error, sends the same batch again on a new producer. */
export class KafkaRecordLog implements RecordLog {
  private producer: BatchProducer | undefined;
  private inFlight: StopSignal | undefined;
  private closed = false;

  constructor(private readonly parts: KafkaLogParts) {}

  async append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]> {
    if (this.closed) throw new SendFailed('not-sent', new Error('The log is closed'));
    const stop = new StopSignal(signal);
    this.inFlight = stop;
    try {
      return await this.write(records, { stop, reached: false });
    } finally {
      this.inFlight = undefined;
      stop.release();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.inFlight?.stop(new Error('The log is being closed'));
    const { producer } = this;
    this.producer = undefined;
    await producer?.discard();
  }

  /** Splits a batch that is too large in half. Does not write a single record that is too large. */
  private async write(records: readonly NewRecord[], append: Append): Promise<AppendResult[]> {
    if (records.length === 0) return [];
    if (bytesOf(records) <= MAX_REQUEST_BYTES && (await this.isTaken(records, append)))
      return records.map(() => 'appended');
    if (records.length === 1) return ['too-large'];
    const middle = Math.ceil(records.length / 2);
    const first = await this.write(records.slice(0, middle), append);
    return [...first, ...(await this.write(records.slice(middle), append))];
  }

  /** Retries until the batch is written. Resolves with false if it is too large; parts of it may be written then. */
  private async isTaken(records: readonly NewRecord[], append: Append): Promise<boolean> {
    const { health, clock } = this.parts;
    for (let backoff = FIRST_BACKOFF_MS; ; backoff = Math.min(2 * backoff, MAX_BACKOFF_MS)) {
      const error = await this.attempt(records, append);
      if (error === undefined) {
        health.succeeded('writes');
        return true;
      }
      if (isTooLarge(error)) return false;
      if (append.stop.reason) throw failure(append, append.stop.reason);
      health.failed('writes', errorKind(error));
      if (!canBeRetried(error)) throw failure(append, error);
      await append.stop.stoppedOrAfter(clock, backoff);
    }
  }

  /** Sends the batch once. Resolves with the error, or with undefined if there was none. */
  private async attempt(records: readonly NewRecord[], append: Append): Promise<unknown> {
    if (append.stop.reason) return append.stop.reason;
    const producer = (this.producer ??= this.parts.newProducer());
    try {
      await append.stop.settledOrStopped(producer.send(records));
      append.reached = true;
      return undefined;
    } catch (error) {
      const isWhole = isForbidden(error) || (isTooLarge(error) && records.length === 1);
      if (producer.hasProduced && !isWhole) append.reached = true;
      if (!isTooLarge(error)) this.discard(producer);
      return error;
    }
  }

  private discard(producer: BatchProducer): void {
    if (this.producer === producer) this.producer = undefined;
    void producer.discard();
  }
}

function failure({ reached }: Append, cause: unknown): SendFailed {
  return new SendFailed(reached ? 'unknown' : 'not-sent', cause);
}

function bytesOf(records: readonly NewRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
}
