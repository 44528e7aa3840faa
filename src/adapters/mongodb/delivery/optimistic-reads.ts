import type { Entry, Settlement } from '../../../domain/delivery/settlement.js';

/** The number of settlements in a row without a known id before ids are assumed to be new. */
const SETTLEMENTS_BEFORE_ASSUMING_NEW = 20;
const MAX_INBOXES = 10_000;

/**
 * What a settlement assumes instead of reading it, which saves two of its five round trips: that its ids are new,
 * unless they are likely to be known, and that inboxes still end where this process left them. If an assumption is
 * wrong, the writes fail, and the settlement is repeated with reads.
 */
export class OptimisticReads {
  private readonly lastNumbers = new Map<string, number>();
  /**
   * The number of settlements left until ids are assumed to be new. Redelivered messages come in long runs, above
   * all after a start, and each would abort a whole transaction.
   */
  private settlementsLeft: number;

  constructor(private readonly settlementsBeforeAssumingNew = SETTLEMENTS_BEFORE_ASSUMING_NEW) {
    this.settlementsLeft = settlementsBeforeAssumingNew;
  }

  /** Reports whether the ledger is unlikely to know any of the entries. */
  areNew(entries: readonly Entry[]): boolean {
    return this.settlementsLeft === 0 && entries.every(mayBeNew);
  }

  /** Returns the assumed last numbers. Inboxes without an assumption are absent. */
  lastNumbersOf(inboxes: readonly string[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const name of inboxes) {
      const last = this.lastNumbers.get(name);
      if (last !== undefined) found.set(name, last);
    }
    return found;
  }

  /** Call it after each commit, with whether an id that might have been new was known. */
  learn({ stored }: Settlement, metKnown: boolean): void {
    this.settlementsLeft = metKnown
      ? this.settlementsBeforeAssumingNew
      : Math.max(0, this.settlementsLeft - 1);
    if (this.lastNumbers.size > MAX_INBOXES) this.lastNumbers.clear();
    for (const { to, number } of stored) this.lastNumbers.set(to, number);
  }
}

/**
 * Reports whether an entry's id may be new. The process that published a dead letter may have recorded it already,
 * and a replay's failure is known.
 */
export function mayBeNew(entry: Entry): boolean {
  return entry.kind === 'delivery' && entry.replays === 0;
}
