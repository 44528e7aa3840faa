import { SendFailed } from '../../errors.js';
import type { AppendResult, NewRecord } from '../../ports/record-log.js';

/** Records that are appended together, and the callbacks of the caller that waits for them. */
export interface PendingSend {
  readonly records: readonly NewRecord[];
  /** In bytes. */
  readonly size: number;
  readonly deadline: number;
  /** Receives the results of a whole append; those of this send begin at `first`. */
  resolve(results: readonly AppendResult[], first: number): void;
  reject(error: Error): void;
}

/** Sends in flight in one append, in the order of their deadlines. */
export class SendBatch {
  readonly records: readonly NewRecord[];
  /** Created on first use: most batches of one partition never need it. */
  private abort: AbortController | undefined;
  private expired = 0;
  private endedBy: Error | undefined;

  constructor(private readonly sends: readonly PendingSend[]) {
    this.records = sends.flatMap((send) => send.records);
  }

  get signal(): AbortSignal {
    this.abort ??= new AbortController();
    if (this.endedBy !== undefined) this.abort.abort(this.endedBy);
    return this.abort.signal;
  }

  /** The earliest deadline of the sends that still wait. */
  get deadline(): number | undefined {
    return this.sends[this.expired]?.deadline;
  }

  /** Rejects the sends whose deadline has passed. Aborts the append when no send waits any more. */
  expire(now: number, cause: Error): void {
    for (let send = this.sends[this.expired]; send && send.deadline <= now; send = this.sends[this.expired]) {
      send.reject(new SendFailed('unknown', cause));
      this.expired += 1;
    }
    if (this.expired < this.sends.length) return;
    this.endedBy ??= cause;
    this.abort?.abort(cause);
  }

  succeed(results: readonly AppendResult[]): void {
    let first = 0;
    for (const send of this.sends) {
      send.resolve(results, first);
      first += send.records.length;
    }
  }

  fail(error: unknown): void {
    const failure = error instanceof SendFailed ? error : new SendFailed('unknown', error);
    for (const send of this.sends) send.reject(failure);
  }
}
