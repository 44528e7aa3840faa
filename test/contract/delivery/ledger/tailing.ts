import { expect } from 'chai';
import type { InboxReader } from '../../../../src/application/ports/inbox.js';
import { aDelivery } from '../../../support/builders.js';
import { useStore, type LedgerStoreFactory } from './store.js';

const CLIENTS = ['a', 'b', 'c'];
const WRITERS = 6;
const BATCHES = 12;
const PER_CLIENT = WRITERS * BATCHES * 3;

export function tailing(factory: LedgerStoreFactory): void {
  const used = useStore(factory);

  it('never lets readers that follow by number miss or repeat a message while writers write', async () => {
    const other = await used.store.other();
    const readers = CLIENTS.flatMap((client, i) => [
      follow(used.store.reader, client, 7 + i),
      follow(other.reader, client, 100),
    ]);
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      const { ledger } = writer % 2 === 0 ? used.store : other;
      for (let batch = 0; batch < BATCHES; batch++) {
        // Batches of different writers share inboxes, in different orders.
        const order = writer % 3 === 0 ? CLIENTS : [...CLIENTS].reverse();
        await ledger.settle([...order, ...order, ...order].map((to) => aDelivery({ to })));
      }
    });

    await Promise.all(writers);
    for (const seen of await Promise.all(readers)) {
      expect(seen.numbers).to.deep.equal(Array.from({ length: PER_CLIENT }, (_, i) => i + 1));
      expect(new Set(seen.ids).size).to.equal(PER_CLIENT);
    }
  });
}

async function follow(reader: InboxReader, client: string, pageSize: number): Promise<Seen> {
  const seen: Seen = { numbers: [], ids: [] };
  while (seen.numbers.length < PER_CLIENT) {
    const page = await reader.page(client, seen.numbers.at(-1) ?? 0, pageSize);
    seen.numbers.push(...page.map(({ number }) => number));
    seen.ids.push(...page.map(({ id }) => id));
    await new Promise(setImmediate);
  }
  return seen;
}

interface Seen {
  readonly numbers: number[];
  readonly ids: string[];
}
