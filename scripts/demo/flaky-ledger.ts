import type { Ledger } from '../../src/application/ports/ledger.js';
import type { FailedMessage } from '../../src/domain/failures/failed-message.js';
import type { Entry, Outcome } from '../../src/domain/delivery/settlement.js';

/** A ledger that fails on certain texts a given number of times, and otherwise calls the real ledger. */
export class FlakyLedger implements Ledger {
  constructor(
    private readonly inner: Ledger,
    private readonly failures: Map<string, number>,
    private readonly onFailure: (text: string) => void,
  ) {}

  async settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    for (const entry of entries) {
      const text = entry.kind === 'delivery' ? entry.message.message : '';
      const left = this.failures.get(text) ?? 0;
      if (left === 0) continue;
      if (entries.length === 1) {
        this.failures.set(text, left - 1);
        this.onFailure(text);
      }
      throw new Error('the demo makes this message fail');
    }
    return this.inner.settle(entries);
  }

  probe(): Promise<void> {
    return this.inner.probe();
  }

  amend(
    id: string,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined> {
    return this.inner.amend(id, change);
  }

  amendAll(
    ids: readonly string[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]> {
    return this.inner.amendAll(ids, change);
  }
}
