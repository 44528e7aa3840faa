import { expect } from 'chai';
import { Backlog } from '../../../../src/application/delivery/partition/backlog.js';
import type { Item } from '../../../../src/application/delivery/item.js';
import { idOf } from '../../../../src/domain/delivery/settlement.js';
import { aLetter } from '../../../support/builders.js';
import { DeliveryWorld, type WorldOptions } from '../../../support/delivery/delivery-world.js';
import { appendRaw, appendMessage } from '../../../support/delivery/world-records.js';

/** Appends messages that break the rules, and returns their ids. */
const invalid = (world: DeliveryWorld, to: string, count = 1): string[] =>
  Array.from({ length: count }, () => appendMessage(world, { to, message: '' }).id);

const undecodable = (world: DeliveryWorld, count: number, bytes = 1): void => {
  for (let n = 0; n < count; n += 1) {
    appendRaw(world, 'b', { key: null, value: Buffer.alloc(bytes, 0xff), headers: {} });
  }
};

/** Returns a world that delivers all records in one fetch. */
const aWorld = (options: WorldOptions = {}): DeliveryWorld =>
  new DeliveryWorld({ parkedMax: 1_000, batchSize: () => 10_000, ...options });

const run = async (world: DeliveryWorld): Promise<void> => {
  await world.start();
  await world.clock.advance(0);
};

const aRejectedItem = (orderingKey: string, bytes = 1): Item => ({
  record: {
    ...{ topic: 'messages', partition: 0, offset: 0, timestamp: 0 },
    ...{ key: null, value: Buffer.alloc(bytes), headers: {} },
  },
  ...{ orderingKey, entry: undefined, attempts: 1 },
  step: { kind: 'publish', letter: aLetter() },
});

/**
 * The ids that were first settled by each transaction, including those of the group that reads the dead-letter topic.
 */
const transactions = (world: DeliveryWorld): string[][] => {
  const seen = new Set<string>();
  const batches = world.ledger.batches.map((batch) => {
    const fresh = [...new Set(batch.map(idOf))].filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    return fresh;
  });
  return batches.filter(({ length }) => length > 0);
};

const deadLetters = (world: DeliveryWorld): string[] =>
  world.feed.records['dead-letters'].flat().map((record) => world.codec.decodeDeadLetter(record).id);

describe('Consecutive records of one recipient that are rejected on decoding', () => {
  it('are written to the dead-letter topic in one append and to the ledger in one transaction, in the order of the log', async () => {
    const world = aWorld();
    const ids = invalid(world, 'b', 20);
    await run(world);
    expect(world.deadLetterLog.appends).to.deep.equal([20]);
    expect(deadLetters(world)).to.deep.equal(ids);
    expect(transactions(world)).to.deep.equal([ids]);
    expect(world.ledger.events.map(({ entry }) => idOf(entry))).to.deep.equal(ids);
  });

  it("are recorded before their recipient's next message is stored, and after the previous one", async () => {
    const world = aWorld();
    const before = appendMessage(world, { to: 'b' }).id;
    const first = invalid(world, 'b', 3);
    const between = appendMessage(world, { to: 'b' }).id;
    const second = invalid(world, 'b', 2);
    const behind = appendMessage(world, { to: 'b' }).id;
    await run(world);
    expect(world.deadLetterLog.appends).to.deep.equal([3, 2]);
    const ids = world.ledger.events.map(({ entry }) => idOf(entry));
    expect(ids).to.deep.equal([before, ...first, between, ...second, behind]);
  });

  it("wait for the topic together with their recipient's next message, while other recipients continue", async () => {
    const world = aWorld();
    world.deadLetterLog.down = true;
    const rejected = invalid(world, 'b', 3);
    const behind = appendMessage(world, { to: 'b' }).id;
    const other = appendMessage(world, { to: 'd' }).id;
    await world.start();
    await world.clock.advance(10_000);
    expect((await world.stored()).map(({ id }) => id)).to.deep.equal([other]);
    expect(await world.failures()).to.deep.equal([]);
    expect(world.feed.committed.messages).to.deep.equal([0, 0]);
    await world.settle();
    expect(world.ledger.events.map(({ entry }) => idOf(entry))).to.deep.equal([other, ...rejected, behind]);
    expect(world.feed.committed.messages).to.deep.equal([5, 0]);
  });

  it('share appends and transactions with those of other recipients, each recipient in its order', async () => {
    const world = aWorld();
    const ids = ['b', 'd', 'b', 'd', 'd'].flatMap((to) => invalid(world, to));
    await run(world);
    expect(world.deadLetterLog.appends).to.deep.equal([5]);
    expect(transactions(world)).to.deep.equal([ids]);
  });

  it('are written one by one and in order if an append fails, and none twice to the ledger', async () => {
    const world = aWorld();
    world.deadLetterLog.responsesToLose = 1;
    const ids = invalid(world, 'b', 6);
    await world.start();
    await world.clock.advance(10_000);
    expect(world.deadLetterLog.appends).to.deep.equal([6, 1, 1, 1, 1, 1, 1]);
    expect(deadLetters(world)).to.deep.equal([...ids.slice(0, 3), ...ids]);
    expect(world.ledger.events.map(({ entry }) => idOf(entry))).to.deep.equal(ids);
  });

  it("are truncated if the topic rejects one as too large, and their recipient's next message waits for that", async () => {
    const world = aWorld({ appendLatency: () => 20 });
    world.deadLetterLog.maxBytes = 100_000;
    const ids = [...invalid(world, 'b'), appendMessage(world, { to: 'b', message: 'x'.repeat(100_000) }).id];
    ids.push(...invalid(world, 'b'));
    const behind = appendMessage(world, { to: 'b' }).id;
    const other = invalid(world, 'd');
    await world.start();
    await world.clock.advance(1_000);
    expect(world.deadLetterLog.appends).to.deep.equal([4, 1, 1]);
    const failures = await world.failures();
    expect(failures.filter(({ truncated }) => truncated).map(({ id }) => id)).to.deep.equal([ids[1]]);
    const final = world.ledger.events.map(({ entry }) => idOf(entry));
    expect(final).to.have.members([...ids, ...other, behind]);
    expect(final.at(-1)).to.equal(behind);
  });

  it('do not wait for a dead letter of another recipient that the topic rejects', async () => {
    const world = aWorld();
    world.deadLetterLog.rejectedKeys.add('b');
    invalid(world, 'b', 2);
    const ids = invalid(world, 'd', 2);
    const behind = appendMessage(world, { to: 'd' }).id;
    await world.start();
    await world.clock.advance(60_000);
    expect(world.ledger.events.map(({ entry }) => idOf(entry))).to.deep.equal([...ids, behind]);
  });

  it('change nothing if they are redelivered after a crash between topic and ledger', async () => {
    const world = aWorld();
    world.ledger.down = 'unavailable';
    const ids = invalid(world, 'b', 5);
    await world.start();
    await world.clock.advance(500);
    expect(deadLetters(world)).to.deep.equal(ids);
    expect(await world.failures()).to.deep.equal([]);
    await world.crashAndRestart();
    await world.settle();
    expect(deadLetters(world)).to.deep.equal([...ids, ...ids]);
    expect(world.ledger.events.map(({ entry }) => idOf(entry))).to.deep.equal(ids);
    expect((await world.failures()).map(({ failures }) => failures)).to.deep.equal([1, 1, 1, 1, 1]);
  });

  it('are limited to 500 and 4 MB per append', () => {
    const runs: number[] = [];
    const backlog = new Backlog(10_000, (items) => runs.push(items.length));
    for (let n = 0; n < 501; n += 1) backlog.push(aRejectedItem(`* ${String(n)}`));
    for (let n = 0; n < 9; n += 1) backlog.push(aRejectedItem(`* ${String(501 + n)}`, 2 ** 20));
    backlog.push(aRejectedItem('* 510', 5 * 2 ** 20));
    expect(backlog.nextBatch()).to.deep.equal([]);
    expect(runs).to.deep.equal([500, 1 + 3, 4, 2, 1]);
  });

  it('count as parked, and respect that limit', async () => {
    const world = aWorld({ parkedMax: 4 });
    world.deadLetterLog.down = true;
    invalid(world, 'b', 20);
    await world.start();
    await world.clock.advance(1_000);
    expect(world.maxParked).to.equal(4);
    await world.settle();
    expect(await world.failures()).to.have.length(20);
    expect(world.maxParked).to.equal(0);
  });

  it('do not include a message whose id belongs to another message', async () => {
    const world = aWorld();
    const { id } = appendMessage(world, { to: 'b', message: 'first' });
    for (const message of ['second', 'third']) appendMessage(world, { id, to: 'b', message });
    invalid(world, 'b', 2);
    await run(world);
    expect(world.deadLetterLog.appends).to.deep.equal([1, 1, 2]);
    expect(await world.failures()).to.have.length(4);
  });
});

describe('Records without a valid recipient', () => {
  it('are written to the dead-letter topic and the ledger together, without blocking other recipients', async () => {
    const world = aWorld();
    undecodable(world, 10);
    const stored = appendMessage(world, { to: 'b' }).id;
    undecodable(world, 10);
    await run(world);
    expect(world.deadLetterLog.appends).to.deep.equal([20]);
    expect(world.ledger.events.map(({ entry }) => idOf(entry))[0]).to.equal(stored);
    expect(Math.max(...world.ledger.batches.map(({ length }) => length))).to.be.at.least(20);
    expect(await world.failures()).to.have.length(20);
  });
});
