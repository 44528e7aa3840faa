import type { Ledger } from '../../src/application/ports/ledger.js';
import type { FailedMessage } from '../../src/domain/failures/failed-message.js';
import type { Entry, Outcome } from '../../src/domain/delivery/settlement.js';

/** A ledger that fails on certain texts a given number of times, and otherwise passes on to the real one. */
export class BumpyLedger implements Ledger {
  constructor(
    private readonly inner: Ledger,
    private readonly bumps: Map<string, number>,
    private readonly onBump: (text: string) => void,
  ) {}

  async settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    for (const entry of entries) {
      const text = entry.kind === 'delivery' ? entry.message.message : '';
      const left = this.bumps.get(text) ?? 0;
      if (left === 0) continue;
      if (entries.length === 1) {
        this.bumps.set(text, left - 1);
        this.onBump(text);
      }
      throw new Error('the demo makes this one fail');
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
