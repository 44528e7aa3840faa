import { expect } from 'chai';
import type { Entry } from '../../../../src/domain/delivery/settlement.js';
import { aDelivery, deadLetterOf, identities, type DeliveryEntry } from '../../../support/builders.js';
import { all, inbox, useStore, type LedgerHandle, type LedgerStoreFactory } from './store.js';

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

export function concurrency(factory: LedgerStoreFactory): void {
  const used = useStore(factory);

  /** The same store, opened by two processes. */
  const handles = async (): Promise<LedgerHandle[]> => [used.store, await used.store.other()];

  async function settleAtOnce(workers: readonly (readonly (readonly Entry[])[])[]): Promise<void> {
    const ledgers = await handles();
    const work = workers.map(async (batches, i) => {
      for (const batch of batches) await ledgers[i % ledgers.length]?.ledger.settle(batch);
    });
    await Promise.all(work);
  }

  it('numbers one inbox without gaps or duplicates under many writers, in the order of each writer', async () => {
    const batchOf = (writer: number, batch: number): DeliveryEntry[] =>
      times(10, (i) => aDelivery({ from: `w${String(writer)}`, message: String(batch * 10 + i) }));
    await settleAtOnce(times(8, (writer) => times(5, (batch) => batchOf(writer, batch))));

    const messages = await inbox(used.store.reader, 'clientB');
    expect(messages.map(({ number }) => number)).to.deep.equal(times(400, (i) => i + 1));
    for (const writer of times(8, String)) {
      const own = messages.filter(({ from }) => from === `w${writer}`);
      expect(own.map(({ message }) => message)).to.deep.equal(times(50, String));
    }
  });

  it('keeps inboxes separate under writers that share some, in any order', async () => {
    const recipients = times(12, (i) => `c${String(i)}`);
    const batchOf = (writer: number): DeliveryEntry[] => {
      const order = writer % 2 === 0 ? recipients : [...recipients].reverse();
      return [...order, `own${String(writer)}`].map((to) => aDelivery({ to }));
    };
    await settleAtOnce(times(6, (writer) => times(5, () => batchOf(writer))));

    for (const [client, count] of [...recipients.map((c) => [c, 30] as const), ['own3', 5] as const]) {
      const numbers = (await inbox(used.store.reader, client)).map(({ number }) => number);
      expect(numbers).to.deep.equal(times(count, (i) => i + 1));
    }
  });

  it('stores a batch once if many writers settle it concurrently', async () => {
    const batch = times(40, (i) => aDelivery({ to: `c${String(i % 5)}` }));
    const ledgers = await handles();
    const results = await Promise.all(times(8, (i) => ledgers[i % 2]?.ledger.settle(batch)));

    const kinds = results.map((outcomes) => new Set(outcomes?.map(({ kind }) => kind)));
    expect(kinds.filter((kind) => kind.has('stored'))).to.have.lengthOf(1);
    expect(await all(used.store.archive.messages({}))).to.have.lengthOf(40);
  });

  it('gives a shared id to one of two recipients, and records a failure for the other', async () => {
    const ledgers = await handles();
    for (const round of times(15, String)) {
      const first = aDelivery({ to: `a${round}` });
      const second = aDelivery({ ...first.message, to: `b${round}` });
      const outcomes = await Promise.all(
        [first, second].map((entry, i) => ledgers[i]?.ledger.settle([entry])),
      );

      const kinds = outcomes.map((of) => of?.[0]?.kind);
      expect(kinds).to.have.members(['stored', 'reused']);
      const loser = kinds[0] === 'reused' ? first : second;
      expect(await used.store.ledger.settle([deadLetterOf(loser)])).to.deep.equal([
        { kind: 'recorded', id: identities.ofReusedId(first.message.id, loser.content) },
      ]);
      expect(await inbox(used.store.reader, loser.message.to)).to.deep.equal([]);
    }
  });

  it('shows readers either all of a batch or none of it', async () => {
    const { ledger, reader } = await used.store.other();
    let writing = true;
    const writer = (async () => {
      for (let batch = 0; batch < 20; batch++) await ledger.settle(times(25, () => aDelivery()));
      writing = false;
    })();
    const seen = new Set<number>();
    do {
      seen.add((await reader.page('clientB', 0, 1_000)).length % 25);
      await new Promise(setImmediate);
    } while (writing);
    await writer;
    expect([...seen]).to.deep.equal([0]);
  });
}
