import type { Entry, Outcome } from '../../../domain/delivery/settlement.js';
import type { Ledger } from '../../ports/ledger.js';

const MAX_KNOWN = 20_000;

/**
 * Remembers the dead letters that this process records. The process also reads them from the dead-letter topic a
 * moment later, and would settle each again in a transaction that delays the recipient's next messages. Settling an
 * entry again changes nothing, so remembered letters never become invalid.
 */
export class OwnDeadLetters {
  /** Whether the ledger recorded each letter, once known. Oldest first. */
  private readonly known = new Map<string, Promise<boolean>>();

  constructor(
    private readonly ledger: Pick<Ledger, 'settle'>,
    private readonly maxKnown = MAX_KNOWN,
  ) {}

  /** Settles as `Ledger.settle`, for entries from the message topic. */
  settleOwn(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const settled = this.ledger.settle(entries);
    for (const [at, entry] of entries.entries()) {
      const key = keyOf(entry);
      if (key === undefined) continue;
      const isRecorded = settled.then(
        // Nothing was written for a deferred entry.
        (outcomes) => outcomes[at]?.kind !== 'deferred',
        () => false,
      );
      this.remember(key, isRecorded);
    }
    return settled;
  }

  /** Settles as `Ledger.settle`, for entries from the dead-letter topic. */
  async settleRead(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const isRecorded = await Promise.all(entries.map((entry) => this.isRecorded(entry)));
    const rest = entries.filter((_, at) => !isRecorded[at]);
    const outcomes = rest.length === 0 ? [] : await this.ledger.settle(rest);
    let at = 0;
    return isRecorded.map((is) => (is ? DUPLICATE : (outcomes[at++] as Outcome)));
  }

  private async isRecorded(entry: Entry): Promise<boolean> {
    const key = keyOf(entry);
    return (key !== undefined && (await this.known.get(key))) ?? false;
  }

  private remember(key: string, isRecorded: Promise<boolean>): void {
    // Moves the key to the end, where the newest are.
    this.known.delete(key);
    this.known.set(key, isRecorded);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= this.maxKnown) break;
      this.known.delete(oldest);
    }
  }
}

const DUPLICATE: Outcome = { kind: 'duplicate' };

/** Returns the properties that decide a dead letter's fate; undefined for a delivery. */
function keyOf(entry: Entry): string | undefined {
  if (entry.kind === 'delivery') return undefined;
  const { id, content, replays } = entry.letter;
  return `${id} ${content} ${String(replays)}`;
}
