import { expect } from 'chai';
import { cursorAt } from '../../../../src/application/inbox/list-order.js';
import type { FailureQuery, MessageQuery } from '../../../../src/application/ports/archive.js';
import { all, textsOf } from '../../../contract/delivery/ledger/store.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import { aLegacyMessage, aLegacyFailure, LegacyStore, id } from './legacy-store.js';

describe("An archive while the NestJS service's documents are imported", function () {
  this.timeout(60_000);
  let legacy: LegacyStore;

  beforeEach(async () => {
    legacy = await LegacyStore.open();
  });
  afterEach(() => legacy.drop());

  const texts = async (query: MessageQuery = {}): Promise<string> =>
    textsOf(await all(legacy.archive.messages(query))).join(' ');
  const failed = async (query: Partial<FailureQuery> = {}): Promise<string> =>
    textsOf(await all(legacy.archive.failures({ states: ['unresolved'], ...query }))).join(' ');

  it('lists a row that is in both once, with our content', async () => {
    await legacy.messages(aLegacyMessage(id(1), 1_000, { message: 'theirs' }), aLegacyMessage(id(2), 1_000));
    await legacy.failures(aLegacyFailure(id(3), 1_000, { message: 'theirs' }));
    await legacy.store.ledger.settle([
      aDelivery({ id: id(1), sentAt: 1_000_000, message: 'ours' }),
      aDeadLetter({ id: id(3), sentAt: 1_000_000, message: 'ours' }),
    ]);
    expect(await failed()).to.equal('ours');
    expect(await texts(), 'a row imported less than a minute ago').to.equal('theirs hello');
    legacy.clock.time += 60_001;
    expect(await texts(), 'at its place in the inbox').to.equal('hello ours');
    const first = await all(legacy.archive.messages({ limit: 1 }));
    const after = cursorAt(first[0]!);
    expect(await texts({ after })).to.equal('ours');
  });

  it('lists a row once if it moves after our own list was read beyond its place', async () => {
    const ids = Array.from({ length: 1_200 }, (_, i) => id(i + 1));
    await legacy.messages(...ids.map((messageId) => aLegacyMessage(messageId, 1_000)));
    const later = Array.from({ length: 600 }, (_, i) => aDelivery({ id: id(5_000 + i), sentAt: 2_000_000 }));
    await legacy.store.ledger.settle(later);
    const seen: string[] = [];
    for await (const row of legacy.archive.messages({})) {
      seen.push(row.id);
      if (seen.length !== 300) continue;
      const moving = ids.slice(600);
      await legacy.store.ledger.settle(
        moving.map((messageId) => aDelivery({ id: messageId, sentAt: 1_000_000 })),
      );
      for (const messageId of moving) await legacy.remove('messages', messageId);
    }
    expect(seen).to.deep.equal([...ids, ...later.map(({ message }) => message.id)]);
  });

  it('omits rows that we have in another state, and fills the page with others', async () => {
    await legacy.failures(
      ...[1, 2, 3, 4, 5, 6].map((n) => aLegacyFailure(id(n), 1_000, { message: String(n) })),
    );
    for (const n of [1, 2, 3, 5]) {
      await legacy.store.ledger.settle([aDeadLetter({ id: id(n), sentAt: 1_000_000 })]);
      await legacy.store.ledger.amend(id(n), (failure) => ({ ...failure, state: 'discarded' }));
    }
    expect(await failed()).to.equal('4 6');
    expect(await failed({ limit: 2 })).to.equal('4 6');
    expect(await failed({ limit: 1 })).to.equal('4');
  });

  it('lists each row once, including those that move while the list is read', async () => {
    const ids = Array.from({ length: 1_200 }, (_, i) => id(i + 1));
    await legacy.messages(...ids.map((messageId) => aLegacyMessage(messageId, 1_000)));
    const seen: string[] = [];
    for await (const row of legacy.archive.messages({})) {
      seen.push(row.id);
      if (seen.length !== 300) continue;
      for (const moving of [id(100), id(400), id(1_100)]) {
        await legacy.store.ledger.settle([aDelivery({ id: moving, sentAt: 1_000_000 })]);
        await legacy.remove('messages', moving);
      }
    }
    expect(seen).to.deep.equal(ids);
  });
});
