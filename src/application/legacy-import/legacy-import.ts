import type { Identities } from '../../domain/identity.js';
import { checkMessage, InvalidMessage } from '../../domain/message-rules.js';
import type { LegacyCollections, LegacyItem, LegacyKind } from '../ports/legacy.js';
import type { Ledger } from '../ports/ledger.js';
import { batchesOf } from './entry-batches.js';
import { settleAll, type ImportEntry, type Tally } from './settle-all.js';

/** Reported after each batch. */
export interface Progress {
  readonly kind: LegacyKind;
  readonly done: number;
  /** The number of documents at the start. */
  readonly total: number;
}

export type ImportCounts = Readonly<Record<LegacyKind, Tally>>;

const BATCH_DOCUMENTS = 500;

/**
 * Imports the documents of the legacy service: stored messages into inboxes, failures as failed messages. Each
 * batch is settled and then set aside. Every step is idempotent, so the import may be killed between any two of
 * them, or run twice concurrently. Documents that were set aside are not read again, so a message does not come
 * back after it is swept.
 */
export class LegacyImport {
  constructor(
    private readonly collections: LegacyCollections,
    private readonly ledger: Pick<Ledger, 'settle'>,
    private readonly identities: Identities,
    private readonly messageMaxLength: number,
  ) {}

  /** Rejects with `DependencyUnavailable`; run it again then. */
  async run(onProgress: (progress: Progress) => void): Promise<ImportCounts> {
    const messages = await this.import('messages', onProgress);
    return { messages, failures: await this.import('failures', onProgress) };
  }

  private async import(kind: LegacyKind, onProgress: (progress: Progress) => void): Promise<Tally> {
    const total = await this.collections.count(kind);
    const tally = { stored: 0, failed: 0, known: 0 };
    for (let done = 0; ;) {
      const items = await this.collections.first(kind, BATCH_DOCUMENTS);
      if (items.length === 0) return tally;
      for (const batch of batchesOf(items.map((item) => this.entryOf(kind, item)))) {
        const { stored, failed, known } = await settleAll(this.ledger, batch);
        tally.stored += stored;
        tally.failed += failed;
        tally.known += known;
      }
      await this.collections.setAside(kind, items);
      done += items.length;
      onProgress({ kind, done, total });
    }
  }

  private entryOf(kind: LegacyKind, { raw, letter }: LegacyItem): ImportEntry {
    if (kind === 'failures') return { entry: { kind: 'dead-letter', letter }, letter };
    const { id, sentAt } = letter;
    try {
      const message = { id, sentAt, ...checkMessage(raw, this.messageMaxLength) };
      const content = this.identities.contentOf(message);
      return { entry: { kind: 'delivery', message, content, replays: 0 }, letter };
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
      const broken = { ...letter, code: error.code, reason: error.reason };
      return { entry: { kind: 'dead-letter', letter: broken }, letter: broken };
    }
  }
}
