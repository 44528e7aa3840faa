import { mongo } from 'mongoose';
import type { Clock } from '../../../application/ports/clock.js';
import type { LegacyCollections, LegacyItem, LegacyKind } from '../../../application/ports/legacy.js';
import type { Identities } from '../../../domain/identity.js';
import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import { documentId } from '../schema/documents.js';
import {
  LEGACY_FAILURES,
  LEGACY_MESSAGES,
  legacyLetter,
  timeOf,
  type LegacyFailure,
} from './legacy-documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

const NAMES: Readonly<Record<LegacyKind, readonly string[]>> = {
  messages: [LEGACY_MESSAGES],
  failures: LEGACY_FAILURES,
};
/** The name of a collection's backup. Only an operator drops it. */
const asideOf = (name: string): string => `${name}_taken_over`;
const ATTEMPTS = 5;

const LISTING = { nameOnly: true, authorizedCollections: true } as const;
const FAILED = { reason: { $exists: true }, failedAt: { $exists: true } };

interface Key {
  readonly name: string;
  readonly _id: LegacyFailure['_id'];
}

/** The collections that the legacy service (NestJS) left in the same database. */
export class MongoLegacyCollections implements LegacyCollections {
  constructor(
    private readonly connection: MongoConnection,
    private readonly identities: Identities,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  async count(kind: LegacyKind): Promise<number> {
    let total = 0;
    for (const name of NAMES[kind]) {
      total += await this.connection.use('reads', ({ client }) => collection(client, name).countDocuments());
    }
    return total;
  }

  async first(kind: LegacyKind, limit: number): Promise<readonly LegacyItem[]> {
    for (const name of NAMES[kind]) {
      const found = await this.connection.use('reads', ({ client }) =>
        collection(client, name).find({}).sort({ _id: 1 }).limit(limit).toArray(),
      );
      if (found.length > 0) return found.map((document) => this.itemOf(name, document));
    }
    return [];
  }

  async setAside(_kind: LegacyKind, items: readonly LegacyItem[]): Promise<void> {
    const keys = items.map(({ key }) => key as Key);
    for (const name of new Set(keys.map((key) => key.name))) {
      await this.setAsideFrom(
        name,
        keys.filter((key) => key.name === name).map(({ _id }) => _id),
      );
    }
  }

  /**
   * Returns the names of other collections with documents that have `reason` and `failedAt`, as failed messages
   * have.
   */
  notImported(): Promise<readonly string[]> {
    return this.connection.use('reads', async ({ client }) => {
      const listed = client.db().listCollections({ type: 'collection' }, LISTING);
      const others = (await listed.toArray()).map(({ name }) => name).filter((name) => !isKnown(name));
      const found: string[] = [];
      for (const name of others.sort()) {
        if (await collection(client, name).findOne(FAILED, { projection: { _id: 1 } })) found.push(name);
      }
      return found;
    });
  }

  /**
   * Copies documents within the server, which keeps them unchanged, and removes them when a majority has the
   * copies.
   */
  private setAsideFrom(name: string, ids: readonly Key['_id'][]): Promise<void> {
    const _id = { $in: ids };
    return this.connection.use('writes', async ({ client }) => {
      const from = collection(client, name);
      const merge = { into: asideOf(name), whenMatched: 'keepExisting', whenNotMatched: 'insert' };
      await unlessInserted(() => from.aggregate([{ $match: { _id } }, { $merge: merge }]).toArray());
      await from.deleteMany({ _id });
    });
  }

  private itemOf(name: string, document: LegacyFailure): LegacyItem {
    const { from, to, message } = document;
    // Documents that mongoose did not create may have ids of any type.
    const _id: unknown = document._id;
    const letter =
      _id instanceof mongo.ObjectId
        ? legacyLetter(document, this.identities)
        : this.letterUnder(mongo.BSON.EJSON.stringify({ key: _id }), name, document);
    return { key: { name, _id }, raw: { from, to, message }, letter };
  }

  /** Makes the letter of a document whose id is not an ObjectId, and so has no time of creation. */
  private letterUnder(key: string, name: string, document: LegacyFailure): DeadLetter {
    const _id = documentId(this.identities.ofForeignId(name, key));
    const letter = legacyLetter({ ...document, _id }, this.identities);
    const sentAt = timeOf(document.send_time) ?? this.clock.now();
    return { ...letter, sentAt, failedAt: timeOf(document.failedAt) ?? sentAt };
  }
}

function collection(client: mongo.MongoClient, name: string): mongo.Collection<LegacyFailure> {
  return client.db().collection<LegacyFailure>(name);
}

function isKnown(name: string): boolean {
  const taken = Object.values(NAMES).flat();
  return (
    /^(?:postrider_|system\.)/.test(name) || taken.some((copy) => name === copy || name === asideOf(copy))
  );
}

/** Repeats a copy that fails because another process copies the same documents. */
async function unlessInserted(copy: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await copy();
      return;
    } catch (error) {
      const outrun = error instanceof mongo.MongoServerError && error.code === 11000;
      if (!outrun || attempt === ATTEMPTS) throw error;
    }
  }
}
