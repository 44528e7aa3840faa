import mongoose from 'mongoose';
import { expect } from 'chai';
import type { LocalMongo } from '../../../scripts/stack/local-mongo.js';
import type { LocalMongoSet } from '../../../scripts/stack/local-mongo-set.js';
import { newMongoSet } from '../../../scripts/stack/servers.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase } from '../../support/servers/test-servers.js';

const { MongoClient } = mongoose.mongo;
const MAJORITY = { w: 'majority', wtimeoutMS: 20_000 } as const;

interface Entry {
  readonly _id: string;
}

describe('The MongoDB test replica set', function () {
  this.timeout(120_000);
  const database = freshDatabase();
  let set: LocalMongoSet;
  let client: mongoose.mongo.MongoClient;

  before(async () => {
    set = await newMongoSet();
    await set.start();
    client = new MongoClient(set.databaseAddress(database), { serverSelectionTimeoutMS: 20_000 });
  });

  after(async () => {
    await client?.close();
    await set?.remove();
  });

  const write = async (id: string): Promise<void> => {
    await client.db().collection<Entry>('entries').insertOne({ _id: id }, { writeConcern: MAJORITY });
  };

  /** Resolves when the node has the entry and follows the primary again. */
  async function untilRejoined(node: LocalMongo, id: string): Promise<void> {
    await set.waitUntilComplete();
    const own = new MongoClient(node.address, {
      directConnection: true,
      readPreference: 'secondaryPreferred',
    });
    const entries = own.db(database).collection<Entry>('entries');
    await eventually(async () => (await entries.countDocuments({ _id: id })) === 1).finally(() =>
      own.close(),
    );
  }

  it('continues without a killed secondary, which rejoins when it is restarted', async () => {
    const [secondary] = await set.secondaries();
    if (secondary === undefined) throw new Error('no secondary');
    await secondary.kill();
    await write('without a secondary');
    await secondary.start();
    await untilRejoined(secondary, 'without a secondary');
  });

  it('elects another primary when the primary is killed, and takes it back as a secondary', async () => {
    const killed = await set.primary();
    await killed.kill();
    expect(await set.primary()).not.to.equal(killed);
    await write('after a kill');
    await killed.start();
    await untilRejoined(killed, 'after a kill');
  });

  it('elects another primary when the primary is frozen, and takes it back as a secondary', async () => {
    const frozen = await set.primary();
    await frozen.pause();
    expect(await set.primary()).not.to.equal(frozen);
    await write('after a freeze');
    await frozen.resume();
    await untilRejoined(frozen, 'after a freeze');
    expect(await set.primary()).not.to.equal(frozen);
  });
});
