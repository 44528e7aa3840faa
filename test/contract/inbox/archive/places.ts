import { expect } from 'chai';
import { placesOf } from '../../../../src/application/inbox/list-order.js';
import type { FailureQuery, MessageQuery } from '../../../../src/application/ports/archive.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import type { LedgerStore } from '../../delivery/ledger/store.js';

interface UsedStore {
  readonly store: LedgerStore;
}

const QUERIES: readonly MessageQuery[] = [
  { limit: 100 },
  { limit: 4 },
  { limit: 100, from: 'a' },
  { limit: 100, to: 'y' },
  { limit: 100, from: 'a', to: 'x' },
  { limit: 3, since: 1_001, until: 1_003 },
  { limit: 100, to: 'nobody' },
];

/** Three messages in each of a few milliseconds. */
const parts = Array.from({ length: 12 }, (_, n) => ({
  from: n % 2 === 0 ? 'a' : 'b',
  to: n % 3 === 0 ? 'x' : 'y',
  sentAt: 1_000 + Math.floor(n / 3),
}));

/** Tests that the places of an archive's rows match the rows of its lists. */
export function places(used: UsedStore): void {
  it('of messages match the list, with and without a cursor', async () => {
    await used.store.ledger.settle([...parts.map((part) => aDelivery(part)), aDeadLetter()]);
    const { archive } = used.store;
    for (const query of QUERIES) {
      const listed = await placesOf(archive.messages(query));
      expect(await archive.messagePlaces(query), JSON.stringify(query)).to.deep.equal(listed);
      for (const after of listed) {
        const rest = { ...query, after };
        expect(await archive.messagePlaces(rest)).to.deep.equal(await placesOf(archive.messages(rest)));
      }
    }
    expect(await archive.messagePlaces({ limit: 100 })).to.have.lengthOf(12);
  });

  it('of failures match the list, with and without a cursor', async () => {
    await used.store.ledger.settle([...parts.map((part) => aDeadLetter(part)), aDelivery()]);
    const { archive } = used.store;
    const states = ['unresolved'] as const;
    const [first] = await placesOf(archive.failures({ states, limit: 1 }));
    await used.store.ledger.amend(first?.id ?? '', (failure) => ({ ...failure, state: 'discarded' }));
    const queries: FailureQuery[] = [
      ...QUERIES.map((query) => ({ ...query, states })),
      { states: ['unresolved', 'discarded'], limit: 7 },
      { states, limit: 100, code: 'none' },
    ];
    for (const query of queries) {
      const listed = await placesOf(archive.failures(query));
      expect(await archive.failurePlaces(query), JSON.stringify(query)).to.deep.equal(listed);
      for (const after of listed) {
        const rest = { ...query, after };
        expect(await archive.failurePlaces(rest)).to.deep.equal(await placesOf(archive.failures(rest)));
      }
    }
    expect(await archive.failurePlaces({ states, limit: 100 })).to.have.lengthOf(11);
  });
}
