import { InMemoryLegacyCollections } from '../memory/in-memory-legacy-collections.js';
import { InMemoryLedger } from '../memory/in-memory-ledger.js';
import type { LegacyCollections, LegacyItem } from '../../../src/application/ports/legacy.js';
import type { Ledger } from '../../../src/application/ports/ledger.js';
import {
  LegacyImport,
  type Progress,
  type ImportCounts,
} from '../../../src/application/legacy-import/legacy-import.js';
import type { DeadLetter } from '../../../src/domain/failures/failed-message.js';
import type { StoredMessage } from '../../../src/domain/message.js';
import { TestClock } from '../../contract/delivery/ledger/store.js';
import { aLetter, identities } from '../builders.js';

/** A document as the collections return it: its dead letter, and its raw members. */
export function anItem(n: number, overrides: Partial<DeadLetter> = {}): LegacyItem {
  const { origin: _none, ...letter } = aLetter({
    ...{ id: n.toString(16).padStart(24, '0'), message: `message ${String(n)}`, attempts: 0 },
    ...{ code: 'foreign-dead-letter', disposition: 'rejected', reason: 'no reason given', ...overrides },
  });
  const { from, to, message } = letter;
  return { key: n, raw: { from, to, message }, letter };
}

export const items = (from: number, to: number): LegacyItem[] =>
  Array.from({ length: to - from }, (_, index) => anItem(from + index));

export class ImportWorld {
  readonly clock = new TestClock();
  readonly ledger = new InMemoryLedger(this.clock, identities);
  readonly collections = new InMemoryLegacyCollections();
  readonly progress: Progress[] = [];

  run(
    ledger: Pick<Ledger, 'settle'> = this.ledger,
    collections: LegacyCollections = this.collections,
  ): Promise<ImportCounts> {
    const legacyImport = new LegacyImport(collections, ledger, identities, 10_000);
    return legacyImport.run((progress) => this.progress.push(progress));
  }

  async inbox(client = 'clientB'): Promise<StoredMessage[]> {
    const rows: StoredMessage[] = [];
    for await (const row of this.ledger.messages({ to: client })) rows.push(row);
    return rows.sort((a, b) => a.number - b.number);
  }

  async failures(): Promise<DeadLetter[]> {
    const rows: DeadLetter[] = [];
    for await (const row of this.ledger.failures({ states: ['unresolved'] })) rows.push(row);
    return rows;
  }

  async countRemaining(): Promise<number> {
    return (await this.collections.count('messages')) + (await this.collections.count('failures'));
  }
}
