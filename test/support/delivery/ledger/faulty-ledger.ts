import type { Ledger } from '../../../../src/application/ports/ledger.js';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import type { MessageId } from '../../../../src/domain/message.js';
import { idOf, type Entry, type Outcome } from '../../../../src/domain/delivery/settlement.js';

/** A ledger that fails on demand. Faults are checked in the order of the methods below; none is active at first. */
export class FaultyLedger implements Ledger {
  /** The batches that `settle` was called with, including failed ones. */
  readonly settled: (readonly Entry[])[] = [];
  probes = 0;

  private down: unknown;
  private probeFault: unknown;
  private afterWrite: unknown;
  private readonly next: unknown[] = [];
  private readonly byId = new Map<MessageId, unknown>();
  private gate: Promise<void> | undefined;

  constructor(private readonly inner: Ledger) {}

  /** Everything fails, including probes, until `release`. */
  failAll(error: unknown): void {
    this.down = error;
  }

  /** The next calls of `settle` fail, one with each error. */
  failNext(...errors: unknown[]): void {
    this.next.push(...errors);
  }

  /** Each batch with one of these entries fails, until `release`. */
  failFor(ids: Iterable<MessageId>, error: unknown): void {
    for (const id of ids) this.byId.set(id, error);
  }

  /** The next `settle` writes and then rejects: the response is lost. */
  crashAfterWrite(error: unknown): void {
    this.afterWrite = error;
  }

  /** Probes fail until `release`. */
  failProbe(error: unknown): void {
    this.probeFault = error;
  }

  /** Calls of `settle` wait before they write, until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = withResolver();
    this.gate = promise;
    return () => {
      this.gate = undefined;
      resolve();
    };
  }

  /** Ends all faults. */
  release(): void {
    this.down = this.probeFault = this.afterWrite = undefined;
    this.next.length = 0;
    this.byId.clear();
  }

  async settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    this.settled.push(entries);
    if (this.gate) await this.gate;
    throwIfSet(this.down);
    throwIfSet(this.next.shift());
    for (const entry of entries) throwIfSet(this.byId.get(idOf(entry)));
    const outcomes = await this.inner.settle(entries);
    const lost = this.afterWrite;
    this.afterWrite = undefined;
    throwIfSet(lost);
    return outcomes;
  }

  async probe(): Promise<void> {
    this.probes += 1;
    throwIfSet(this.down);
    throwIfSet(this.probeFault);
    await this.inner.probe();
  }

  async amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined> {
    throwIfSet(this.down);
    return this.inner.amend(id, change);
  }

  async amendAll(
    ids: readonly MessageId[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]> {
    throwIfSet(this.down);
    return this.inner.amendAll(ids, change);
  }
}

function throwIfSet(error: unknown): void {
  if (error !== undefined) throw error;
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
