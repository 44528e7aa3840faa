import { mongo } from 'mongoose';
import type { Clock } from '../../application/ports/clock.js';
import type {
  EarlierCollections,
  EarlierItem,
  EarlierKind,
} from '../../application/ports/earlier-collections.js';
import type { Identities } from '../../domain/identity.js';
import type { DeadLetter } from '../../domain/failed-message.js';
import { documentId } from './documents.js';
import {
  EARLIER_FAILURES,
  EARLIER_MESSAGES,
  earlierLetter,
  timeOf,
  type EarlierFailure,
} from './earlier-documents.js';
import type { MongoConnection } from './mongo-connection.js';

const NAMES: Readonly<Record<EarlierKind, string>> = {
  messages: EARLIER_MESSAGES,
  failures: EARLIER_FAILURES,
};
/** A backup, until somebody drops it. */
const asideOf = (name: string): string => `${name}_taken_over`;
const ATTEMPTS = 5;

type Key = EarlierFailure['_id'];

/** The collections that the NestJS service left in the same database. */
export class MongoEarlierCollections implements EarlierCollections {
  constructor(
    private readonly connection: MongoConnection,
    private readonly identities: Identities,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  count(kind: EarlierKind): Promise<number> {
    return this.connection.use('reads', ({ client }) => collection(client, kind).countDocuments());
  }

  first(kind: EarlierKind, limit: number): Promise<readonly EarlierItem[]> {
    return this.connection.use('reads', async ({ client }) => {
      const found = await collection(client, kind).find({}).sort({ _id: 1 }).limit(limit).toArray();
      return found.map((document) => this.itemOf(kind, document));
    });
  }

  /** Copied by the server, which changes nothing in them, and removed when the majority has the copies. */
  setAside(kind: EarlierKind, items: readonly EarlierItem[]): Promise<void> {
    const _id = { $in: items.map(({ key }) => key as Key) };
    return this.connection.use('writes', async ({ client }) => {
      const from = collection(client, kind);
      const merge = { into: asideOf(NAMES[kind]), whenMatched: 'keepExisting', whenNotMatched: 'insert' };
      await unlessOutrun(() => from.aggregate([{ $match: { _id } }, { $merge: merge }]).toArray());
      await from.deleteMany({ _id });
    });
  }

  private itemOf(kind: EarlierKind, document: EarlierFailure): EarlierItem {
    const { from, to, message } = document;
    // What another program than mongoose has made may have anything for its id.
    const key: unknown = document._id;
    const letter =
      key instanceof mongo.ObjectId
        ? earlierLetter(document, this.identities)
        : this.letterUnder(mongo.BSON.EJSON.stringify({ key }), kind, document);
    return { key, raw: { from, to, message }, letter };
  }

  /** An id that is no ObjectId tells no time either. */
  private letterUnder(key: string, kind: EarlierKind, document: EarlierFailure): DeadLetter {
    const _id = documentId(this.identities.ofForeignId(NAMES[kind], key));
    const letter = earlierLetter({ ...document, _id }, this.identities);
    const sentAt = timeOf(document.send_time) ?? this.clock.now();
    return { ...letter, sentAt, failedAt: timeOf(document.failedAt) ?? sentAt };
  }
}

function collection(client: mongo.MongoClient, kind: EarlierKind): mongo.Collection<EarlierFailure> {
  return client.db().collection<EarlierFailure>(NAMES[kind]);
}

/** Somebody else may copy the same documents just now. */
async function unlessOutrun(copy: () => Promise<unknown>): Promise<void> {
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
