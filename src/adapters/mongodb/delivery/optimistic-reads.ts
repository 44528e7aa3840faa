import type { Entry, Settlement } from '../../../domain/delivery/settlement.js';

/** So many settlements in a row must meet nothing known before one is not looked up any more. */
const WARY = 20;
const MAX_INBOXES = 10_000;

/**
 * What a settlement takes for granted instead of reading it, two of its five round trips: that its ids are new unless
 * they are likely to be known, and that inboxes still end where this process left them. Its writes fail where that is
 * wrong, and then all is read.
 */
export class OptimisticReads {
  private readonly lastNumbers = new Map<string, number>();
  /** Redelivered messages come many in a row, above all to a process that has just begun: each would fail a whole transaction. */
  private left: number;

  constructor(private readonly wary = WARY) {
    this.left = wary;
  }

  /** Whether the ledger is likely to know none of these. */
  areNew(entries: readonly Entry[]): boolean {
    return this.left === 0 && entries.every(mayBeNew);
  }

  /** The last numbers, as far as they are presumed. */
  lastNumbersOf(inboxes: readonly string[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const name of inboxes) {
      const last = this.lastNumbers.get(name);
      if (last !== undefined) found.set(name, last);
    }
    return found;
  }

  /** To be called after each commit: where inboxes end now, and whether anything that might have been new was known. */
  learn({ stored }: Settlement, metKnown: boolean): void {
    this.left = metKnown ? this.wary : Math.max(0, this.left - 1);
    if (this.lastNumbers.size > MAX_INBOXES) this.lastNumbers.clear();
    for (const { to, number } of stored) this.lastNumbers.set(to, number);
  }
}

/** A dead letter may have been recorded by who published it, and a replay is of a failure, which is known. */
export function mayBeNew(entry: Entry): boolean {
  return entry.kind === 'delivery' && entry.replays === 0;
}
