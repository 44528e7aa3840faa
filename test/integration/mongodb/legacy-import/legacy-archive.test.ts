import { expect } from 'chai';
import { mongo } from 'mongoose';
import { cursorAt } from '../../../../src/application/inbox/list-order.js';
import type { FailureQuery, ListCursor, MessageQuery } from '../../../../src/application/ports/archive.js';
import { archiveContract } from '../../../contract/inbox/archive.contract.js';
import { all, textsOf } from '../../../contract/delivery/ledger/store.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import { aLegacyMessage, aLegacyFailure, LegacyStore, id } from './legacy-store.js';

// The document of another program makes the archive check the collection for every list.
archiveContract('EarlierArchive', async (clock) => {
  const legacy = await LegacyStore.open(clock);
  await legacy.messages({ _id: 'not made by mongoose' });
  await legacy.failures({ _id: 'not made by mongoose' });
  const { store, archive } = legacy;
  const itself = { ...store, archive };
  const notOpened = (): Promise<never> => Promise.reject(new Error('only this one'));
  return { ...itself, other: () => Promise.resolve(itself), reopen: notOpened, close: () => legacy.drop() };
});

describe("An archive with the NestJS service's documents", function () {
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

  it('lists them and our own rows in one order, with legacy rows first among those with the same time, then by id', async () => {
    await legacy.messages(
      ...[5, 3, 1].map((n) => aLegacyMessage(id(n), 1_000, { message: String(n) })),
      aLegacyMessage(id(9), 500, { message: 'first' }),
    );
    await legacy.store.ledger.settle([
      ...[4, 2].map((n) => aDelivery({ id: id(n), sentAt: 1_000_000, message: String(n) })),
      aDelivery({ id: id(8), sentAt: 2_000_000, message: 'last' }),
    ]);
    expect(await texts()).to.equal('first 1 3 5 4 2 last');
  });

  it('returns them complete', async () => {
    await legacy.messages(aLegacyMessage(id(1), 1_000));
    await legacy.failures(aLegacyFailure(id(2), 1_000));
    const message = { from: 'clientA', to: 'clientB', message: 'hello', sentAt: 1_000_000 };
    expect(await all(legacy.archive.messages({}))).to.containSubset([{ id: id(1), ...message }]);
    const told = { reason: 'it was refused', code: 'foreign-dead-letter', disposition: 'rejected' };
    expect(await all(legacy.archive.failures({ states: ['unresolved'] }))).to.containSubset([
      { id: id(2), ...message, ...told, state: 'unresolved', failedAt: 1_000_007, failures: 1 },
    ]);
  });

  const filters: readonly (readonly [string, MessageQuery, string])[] = [
    ['from', { from: 'a' }, '1 2'],
    ['to', { to: 'y' }, '2 3'],
    ['since, inclusive', { since: 2_000_000 }, '2 3 4'],
    ['until, exclusive', { until: 3_000_000 }, '1 2'],
    ['to and a span of time', { to: 'y', since: 2_000_000, until: 3_000_000 }, '2'],
    ['limit', { limit: 3 }, '1 2 3'],
    ['after', { after: { sentAt: 2_000_000, id: id(2) } }, '3 4'],
  ];
  for (const [by, query, expected] of filters) {
    it(`filters them by ${by}`, async () => {
      const rows = [
        { message: '1', from: 'a', to: 'x' },
        { message: '2', from: 'a', to: 'y' },
        { message: '3', from: 'b', to: 'y' },
        { message: '4', from: 'b', to: 'x' },
      ].map((row, i) => ({ ...row, n: i + 1 }));
      await legacy.messages(
        ...rows.slice(1, 3).map(({ n, ...row }) => aLegacyMessage(id(n), n * 1_000, row)),
      );
      await legacy.failures(...rows.slice(1).map(({ n, ...row }) => aLegacyFailure(id(n), n * 1_000, row)));
      const sent = rows.map(({ n, ...row }) => ({ ...row, id: id(n), sentAt: n * 1_000_000 }));
      await legacy.store.ledger.settle([0, 3].map((i) => aDelivery({ ...sent[i], id: id(101 + i) })));
      await legacy.store.ledger.settle([aDeadLetter({ ...sent[0], id: id(99) })]);
      expect(await texts(query)).to.equal(expected);
      expect(await failed(query)).to.equal(expected);
    });
  }

  it('filters failures by state, code and group', async () => {
    await legacy.failures(
      ...['it was 1', 'it was 2', 'other'].map((reason, i) =>
        aLegacyFailure(id(i + 1), 1_000, { reason, message: String(i + 1) }),
      ),
    );
    await legacy.store.ledger.settle([aDeadLetter({ id: id(4), sentAt: 1_000_000, message: 'ours' })]);
    const [first] = await all(legacy.archive.failures({ states: ['unresolved'] }));
    expect(await failed({ group: first?.group.key ?? '' })).to.equal('1 2');
    expect(await failed({ group: first?.group.key ?? '', limit: 2 })).to.equal('1 2');
    expect(await failed({ code: 'foreign-dead-letter' })).to.equal('1 2 3');
    expect(await failed({ code: 'delivery-failed' })).to.equal('ours');
    expect(await failed({ states: ['replaying', 'correcting', 'resolved', 'discarded'] })).to.equal('');
    expect(await failed({ states: ['replaying', 'unresolved'] })).to.equal('1 2 3 ours');
  });

  it('lists each row once in pages over both kinds of rows', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => id(i + 1));
    const at = (i: number): number => 1_000 + Math.floor(i / 20);
    await legacy.messages(
      ...ids.filter((_, i) => i % 3 > 0).map((messageId, i) => aLegacyMessage(messageId, at(i * 1.5))),
    );
    await legacy.store.ledger.settle(
      ids.flatMap((messageId, i) => (i % 3 > 0 ? [] : [aDelivery({ id: messageId, sentAt: at(i) * 1_000 })])),
    );
    const whole = (await all(legacy.archive.messages({}))).map((row) => row.id);
    expect(whole).to.have.members(ids);
    for (const limit of [1, 7, 60]) {
      const seen: string[] = [];
      let after: ListCursor | undefined;
      let page = await all(legacy.archive.messages({ limit }));
      while (page.length > 0) {
        seen.push(...page.map((row) => row.id));
        after = cursorAt(page.at(-1)!, after);
        page = await all(legacy.archive.messages({ limit, after }));
      }
      expect(seen).to.deep.equal(whole);
    }
  });

  it('lists documents with unexpected members, converted to text', async () => {
    const odd = (n: number, members: object): object => ({ ...aLegacyMessage(id(n), 1_000), ...members });
    await legacy.messages(
      { _id: new mongo.ObjectId(id(0x5_0000_0000_0000)) },
      odd(1, { from: null, to: 5, message: { text: ['x'] } }) as Record<string, unknown>,
      odd(2, { send_time: 'soon' }) as Record<string, unknown>,
      odd(3, { send_time: 17, message: new Date(0) }) as Record<string, unknown>,
      odd(4, { send_time: new Date(1_000_250) }) as Record<string, unknown>,
      odd(5, { send_time: 'Fri Nux 99 2026 07:00:05 GMT+0000' }) as Record<string, unknown>,
      odd(6, { send_time: 'Tue Nov 20 1956 07:00:05 GMT+0000' }) as Record<string, unknown>,
      odd(7, { send_time: 'Mon Nov 23 2026 15:30:00 GMT+0530 (India Standard Time)' }) as Record<
        string,
        unknown
      >,
      odd(8, { send_time: new Date(9e15) }) as Record<string, unknown>,
    );
    await legacy.failures({ _id: new mongo.ObjectId(id(9)), failedAt: 'never', reason: 5 });
    const rows = await all(legacy.archive.messages({}));
    const made = (n: number): number => new mongo.ObjectId(id(n)).getTimestamp().getTime();
    expect(rows.map((row) => [Number.parseInt(row.id, 16) % 0x1_0000, row.sentAt])).to.deep.equal([
      ...[2, 3, 5, 6, 8, 0].map((n) => [n, made(n)]),
      ...[
        [1, 1_000_000],
        [4, 1_000_250],
      ],
      [7, Date.UTC(2026, 10, 23, 10)],
    ]);
    expect(rows.find((row) => row.id === id(1))).to.include({ from: '', to: '5', message: '{"text":["x"]}' });
    expect(await failed()).to.equal('');
    expect(await all(legacy.archive.failures({ states: ['unresolved'] }))).to.containSubset([
      { id: id(9), reason: '5', from: '', sentAt: 0, failedAt: 0 },
    ]);
  });

  it('lists failures of both collections that the service may have, and finds each by its id', async () => {
    await legacy.insert(
      'failedmessages',
      [1, 4].map((n) => aLegacyFailure(id(n), n, { message: String(n) })),
    );
    await legacy.failures(...[2, 5].map((n) => aLegacyFailure(id(n), n, { message: String(n) })));
    await legacy.store.ledger.settle([aDeadLetter({ id: id(3), sentAt: 3_000, message: '3' })]);
    expect(await failed()).to.equal('1 2 3 4 5');
    expect(await failed({ limit: 3 })).to.equal('1 2 3');
    expect(await failed({ limit: 3, after: { sentAt: 3_000, id: id(3) } })).to.equal('4 5');
    for (const n of [4, 5])
      expect((await legacy.archive.find(id(n)))?.failure).to.include({ id: id(n), message: String(n) });
  });

  it('finds a row by its id, ours before the legacy one', async () => {
    await legacy.messages(aLegacyMessage(id(1), 1_000), aLegacyMessage(id(2), 1_000));
    await legacy.failures(aLegacyFailure(id(3), 1_000));
    await legacy.store.ledger.settle([aDelivery({ id: id(2), message: 'ours' })]);
    expect((await legacy.archive.find(id(1)))?.message).to.include({ id: id(1), sentAt: 1_000_000 });
    expect((await legacy.archive.find(id(2)))?.message).to.include({ message: 'ours' });
    expect((await legacy.archive.find(id(3)))?.failure).to.include({ id: id(3), state: 'unresolved' });
    expect(await legacy.archive.find(id(4))).to.equal(undefined);
  });

  it('caches for some seconds that there are no documents', async () => {
    expect([await texts(), await failed()]).to.deep.equal(['', '']);
    await legacy.messages(aLegacyMessage(id(1), 1_000));
    await legacy.failures(aLegacyFailure(id(2), 1_000));
    legacy.clock.time += 4_999;
    expect([await texts(), await failed()]).to.deep.equal(['', '']);
    legacy.clock.time += 1;
    expect([await texts(), await failed()]).to.deep.equal(['hello', 'hello']);
  });
});
