import { expect } from 'chai';
import { open } from 'lmdb';
import { buildListTables } from '../../../../../src/adapters/embedded/store/list-tables.js';
import type { MessageQuery } from '../../../../../src/application/ports/archive.js';
import type { Message } from '../../../../../src/domain/message.js';
import { all } from '../../../../contract/delivery/ledger/store.js';
import { aDeadLetter, aDelivery, anId } from '../../../../support/builders.js';
import { EmbeddedFolder, embeddedLedger } from '../../../../support/embedded/embedded.js';
import { LegacyLists } from '../../../../support/embedded/legacy-lists.js';

const COUNT = 5_000;
const FAILED = 3_000;
const QUERIES: readonly MessageQuery[] = [{}, { to: 'client1' }, { from: 'sender2' }];
const LEGACY = ['by-time', 'by-recipient', 'by-sender'];

describe('The list tables of a folder from an earlier version', function () {
  this.timeout(60_000);
  let folder: EmbeddedFolder;
  let before: (readonly Message[])[];

  const lists = async (): Promise<(readonly Message[])[]> => {
    const { archive } = embeddedLedger(await folder.open(), { now: Date.now });
    const messages = QUERIES.map((query) => all(archive.messages(query)));
    const failures = QUERIES.map((query) => all(archive.failures({ states: ['unresolved'], ...query })));
    return Promise.all([...messages, ...failures]);
  };

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
    const { ledger } = embeddedLedger(await folder.open(), { now: Date.now });
    // Ids fall while numbers rise, and each millisecond has many messages.
    const entries = Array.from({ length: COUNT }, (_, n) =>
      aDelivery({
        id: (COUNT - n).toString(16).padStart(24, '0'),
        to: `client${String(n % 3)}`,
        from: `sender${String(n % 7)}`,
        sentAt: 1_000 + Math.floor(n / 100),
      }),
    );
    for (let n = 0; n < COUNT; n += 500) await ledger.settle(entries.slice(n, n + 500));
    const letters = entries.slice(0, FAILED).map(({ message }) => aDeadLetter({ ...message, id: anId() }));
    for (let n = 0; n < FAILED; n += 500) await ledger.settle(letters.slice(n, n + 500));
    before = await lists();
    await folder.close();
    await LegacyLists.replaceCurrent(folder.path);
  });

  afterEach(async () => {
    await folder.remove();
  });

  it('are built when the folder is opened, in the order by number, and replace the legacy tables', async () => {
    expect(before.map(({ length }) => length)).to.deep.equal([COUNT, 1_667, 714, FAILED, 1_000, 429]);
    expect(await lists()).to.deep.equal(before);
    await folder.close();
    const tables = new LegacyLists(folder.path);
    expect(tables.names()).to.include('list-layout').and.not.to.include.oneOf(LEGACY);
    await tables.close();
  });

  it('are complete even if earlier builds were interrupted after each of their transactions', async () => {
    const killed = new Error('killed');
    let writes = 0;
    for (let allowed = 0; ; allowed += 1) {
      const root = open({ path: `${folder.path}/postrider.mdb`, maxDbs: 32, overlappingSync: false });
      const table = (name: string) => root.openDB<never, never>({ name });
      const tables = {
        messages: table('messages'),
        byNumber: table('by-number'),
        byTime: table('messages-by-time'),
        byRecipient: table('messages-by-recipient'),
        bySender: table('messages-by-sender'),
        failures: table('failures'),
        failuresByRecipient: table('failures-by-recipient'),
        failuresBySender: table('failures-by-sender'),
        conflicts: table('failures-by-conflict'),
      };
      writes = 0;
      try {
        const write = (work: () => void): void => {
          if (writes === allowed) throw killed;
          writes += 1;
          root.transactionSync(work);
        };
        buildListTables(root, tables, write, 2_000);
        break;
      } catch (error) {
        expect(error).to.equal(killed);
      } finally {
        await root.close();
      }
    }
    expect(writes).to.equal(7);
    expect(await lists()).to.deep.equal(before);
  });

  it('are rebuilt after an earlier version has used the folder in between', async () => {
    await lists();
    await folder.close();
    const legacy = new LegacyLists(folder.path);
    const { message, content } = aDelivery({ to: 'client1', sentAt: 999 });
    legacy.store({ ...message, content, number: 2_000, storedAt: 1 });
    await legacy.close();
    const [everything, ofClient] = await lists();
    expect(everything).to.have.lengthOf(COUNT + 1);
    expect(ofClient?.map(({ sentAt }) => sentAt).slice(0, 2)).to.deep.equal([999, 1_000]);
  });
});
