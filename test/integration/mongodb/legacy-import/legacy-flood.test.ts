import { expect } from 'chai';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { all } from '../../../contract/delivery/ledger/store.js';
import { aDelivery } from '../../../support/builders.js';
import { aLegacyMessage, LegacyStore, id } from './legacy-store.js';

const COUNT = 50_000;
const MB = 1_024 * 1_024;

describe("A list of 50,000 of the NestJS service's documents", function () {
  this.timeout(120_000);
  let legacy: LegacyStore;

  before(async () => {
    legacy = await LegacyStore.open();
    const text = 'x'.repeat(2_000);
    for (let n = 1; n <= COUNT; n += 5_000) {
      const documents = Array.from({ length: 5_000 }, (_, i) => n + i);
      await legacy.messages(
        ...documents.map((at) => aLegacyMessage(id(at), 1_000 + (at % 7), { message: text + String(at) })),
      );
    }
    await legacy.store.ledger.settle(
      Array.from({ length: 500 }, (_, i) => aDelivery({ id: id(COUNT + 1 + i), sentAt: 1_003_000 })),
    );
  });
  after(() => legacy.drop());

  it('streams them all in order, with constant memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heldMb = (): number => {
      collect();
      return process.memoryUsage().heapUsed / MB;
    };
    let [count, highest, latest] = [0, 0, ''];
    const before = heldMb();
    for await (const row of legacy.archive.messages({})) {
      const key = `${String(row.sentAt)}-${row.id}`;
      if (key <= latest) throw new Error(`${key} came after ${latest}`);
      latest = key;
      if (++count % 5_000 === 0) highest = Math.max(highest, heldMb());
    }
    expect(count).to.equal(COUNT + 500);
    // All documents together take 100 MB.
    expect(highest - before).to.be.lessThan(10);
  });

  it('returns a page from the middle', async () => {
    const after = { sentAt: 1_005_000, id: id(40_000) };
    const page = await all(legacy.archive.messages({ limit: 100, after }));
    const next = Array.from({ length: 100 }, (_, i) => id(40_003 + 7 * i));
    expect(page.map((row) => row.id)).to.deep.equal(next);
  });
});
