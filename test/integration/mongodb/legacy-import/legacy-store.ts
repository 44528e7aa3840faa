import { mongo } from 'mongoose';
import { LegacyArchive } from '../../../../src/adapters/mongodb/legacy-import/legacy-archive.js';
import { MongoArchive } from '../../../../src/adapters/mongodb/inbox/mongo-archive.js';
import type { Archive } from '../../../../src/application/ports/archive.js';
import { TestClock } from '../../../contract/delivery/ledger/store.js';
import { identities } from '../../../support/builders.js';
import { testMongoUri } from '../../../support/servers/test-servers.js';
import { startedHandle, type MongoHandle } from '../mongo-test-store.js';

type Members = Readonly<Record<string, unknown>>;

/** A database that the NestJS service used before Postrider. */
export class LegacyStore {
  private constructor(
    readonly store: MongoHandle,
    readonly clock: TestClock,
    readonly archive: Archive,
  ) {}

  static async open(clock = new TestClock()): Promise<LegacyStore> {
    const store = await startedHandle(await testMongoUri(), clock);
    const { connection } = store;
    return new LegacyStore(
      store,
      clock,
      new LegacyArchive(new MongoArchive(connection), connection, identities, clock),
    );
  }

  messages(...documents: Members[]): Promise<void> {
    return this.insert('messages', documents);
  }

  failures(...documents: Members[]): Promise<void> {
    return this.insert('messagedlqs', documents);
  }

  remove(collection: string, id: string): Promise<unknown> {
    return this.store.connection.use('writes', ({ client }) =>
      client
        .db()
        .collection(collection)
        .deleteOne({ _id: new mongo.ObjectId(id) }),
    );
  }

  async drop(): Promise<void> {
    await this.store.connection.use('writes', ({ client }) => client.db().dropDatabase());
    await this.store.close();
  }

  async insert(name: string, documents: readonly Members[]): Promise<void> {
    await this.store.connection.use('writes', ({ client }) =>
      client
        .db()
        .collection(name)
        .insertMany([...documents]),
    );
  }
}

/** A document as the NestJS service writes it, sent at the given second; `id` is a text. */
export function aLegacyMessage(id: string, second: number, members: Members = {}): Members {
  return {
    _id: new mongo.ObjectId(id),
    ...{ from: 'clientA', to: 'clientB', message: 'hello' },
    send_time: new Date(second * 1_000).toString(),
    __v: 0,
    ...members,
  };
}

export function aLegacyFailure(id: string, second: number, members: Members = {}): Members {
  const failedAt = new Date(second * 1_000 + 7);
  return aLegacyMessage(id, second, { reason: 'it was refused', failedAt, ...members });
}

/** 24 hex digits that rise with `n`. */
export function id(n: number): string {
  return n.toString(16).padStart(24, '0');
}
