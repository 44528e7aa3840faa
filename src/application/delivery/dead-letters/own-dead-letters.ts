import type { Entry, Outcome } from '../../../domain/delivery/settlement.js';
import type { Ledger } from '../../ports/delivery/ledger.js';

const MAX_KNOWN = 20_000;

/**
 * Knows which dead letters this process records. It reads the dead-letter topic too, a moment after it published them,
 * and would otherwise ask the ledger about each once more, in a transaction that the next ones of the recipient wait for.
 * Settling an entry again changes nothing, so what is known may be as old as it likes.
 */
export class OwnDeadLetters {
  /** Whether the ledger has the letter, as soon as that is known; the oldest first. */
  private readonly known = new Map<string, Promise<boolean>>();

  constructor(
    private readonly ledger: Pick<Ledger, 'settle'>,
    private readonly maxKnown = MAX_KNOWN,
  ) {}

  /** As `Ledger.settle`, for what the receiver makes of messages. */
  settleOwn(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const settled = this.ledger.settle(entries);
    for (const [at, entry] of entries.entries()) {
      const key = keyOf(entry);
      if (key === undefined) continue;
      const isRecorded = settled.then(
        // Of one that is held nothing was written.
        (outcomes) => outcomes[at]?.kind !== 'deferred',
        () => false,
      );
      this.remember(key, isRecorded);
    }
    return settled;
  }

  /** As `Ledger.settle`, for what is read on the dead-letter topic. */
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
    // At the end, where the youngest are.
    this.known.delete(key);
    this.known.set(key, isRecorded);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= this.maxKnown) break;
      this.known.delete(oldest);
    }
  }
}

const DUPLICATE: Outcome = { kind: 'duplicate' };

/** What decides a dead letter's fate. */
function keyOf(entry: Entry): string | undefined {
  if (entry.kind === 'delivery') return undefined;
  const { id, content, replays } = entry.letter;
  return `${id} ${content} ${String(replays)}`;
}
