import { expect } from 'chai';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { beginReplay } from '../../../../src/domain/failures/failure-actions.js';
import { aDeadLetter, aDelivery, anId, type DeadLetterEntry } from '../../../support/builders.js';
import { all, inbox, plain, useStore, type LedgerStoreFactory } from './store.js';

const discarded = (failure: FailedMessage): FailedMessage => ({ ...failure, state: 'discarded' });

export function amending(factory: LedgerStoreFactory): void {
  const used = useStore(factory);

  it('replaces a failure with the result of the change, and resolves with it', async () => {
    const { ledger, archive } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    const history = [{ at: 5, event: 'discarded', by: 'ops', note: 'no use' }];
    const amended = await ledger.amend(letter.id, (failure) => ({ ...discarded(failure), history }));
    expect(amended).to.deep.include({ state: 'discarded', history, reason: letter.reason });
    expect(plain((await archive.find(letter.id))?.failure)).to.deep.equal(plain(amended));
  });

  it('amends a failure that has no valid recipient', async () => {
    const { ledger } = used.store;
    const { letter } = aDeadLetter({ to: '' });
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    expect(await ledger.amend(letter.id, discarded)).to.include({ state: 'discarded' });
  });

  it('writes nothing if the change returns nothing', async () => {
    const { ledger, archive } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    expect(await ledger.amend(letter.id, () => undefined)).to.equal(undefined);
    expect((await archive.find(letter.id))?.failure?.state).to.equal('unresolved');
  });

  it('does not call the change if nothing failed under the id', async () => {
    const { ledger, archive } = used.store;
    const stored = aDelivery();
    await ledger.settle([stored]);
    expect(await ledger.amend(anId(), discarded)).to.equal(undefined);
    expect(await ledger.amend(stored.message.id, discarded)).to.equal(undefined);
    expect(await archive.find(stored.message.id)).not.to.have.property('failure');
  });

  it('keeps the message of a failure that was resolved by storing', async () => {
    const { ledger, archive, reader } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }, aDelivery({ ...letter, replays: 1 })]);
    await ledger.amend(letter.id, (failure) => ({ ...failure, history: [] }));
    expect((await archive.find(letter.id))?.failure).to.deep.include({ state: 'resolved', history: [] });
    expect(await reader.page(letter.to, 0, 10)).to.have.lengthOf(1);
  });

  it('rejects with the error of the change, and writes nothing', async () => {
    const { ledger, archive } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    const thrown = new Error('not in this state');
    const failure = await ledger
      .amend(letter.id, () => {
        throw thrown;
      })
      .catch((error: unknown) => error);
    expect(failure).to.equal(thrown);
    expect((await archive.find(letter.id))?.failure?.state).to.equal('unresolved');
  });

  it('keeps action ids, so that an action recognises its own earlier attempt', async () => {
    const { ledger } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    const rules = { messageMaxLength: 1_000, maxReplays: 5, leaseMs: 30_000 };
    const replay = (id: string) =>
      ledger.amend(letter.id, (failure) => beginReplay(failure, { id, at: 1_000, force: false }, rules));
    const first = await replay('act 1');
    expect(first).to.include({ state: 'replaying', replays: 1 });
    expect(plain(await replay('act 1'))).to.deep.equal(plain(first));
    const refused = await replay('act 2').catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'wrong-state');
  });

  describe('many failures at once', () => {
    const failed = async (
      count: number,
      to = (i: number): string => `c${String(i % 7)}`,
    ): Promise<string[]> => {
      const letters = Array.from({ length: count }, (_, i) => aDeadLetter({ to: to(i), message: String(i) }));
      await used.store.ledger.settle(letters);
      return idsOf(letters);
    };

    it('replaces all, and resolves with the results in the order of the ids', async () => {
      const { ledger, archive } = used.store;
      const ids = (await failed(12)).reverse();
      const changed = await ledger.amendAll(ids, discarded);
      expect(changed.map((failure) => failure?.id)).to.deep.equal(ids);
      expect(await all(archive.failures({ states: ['discarded'] }))).to.have.lengthOf(12);
    });

    it('returns nothing for unknown ids, ids that never failed, and failures that the change leaves alone', async () => {
      const { ledger, archive } = used.store;
      const [first = '', second = ''] = await failed(2);
      const stored = aDelivery();
      await ledger.settle([stored]);
      const changed = await ledger.amendAll([anId(), second, stored.message.id, first], (failure) =>
        failure.id === first ? undefined : discarded(failure),
      );
      expect(changed.map((failure) => failure?.id)).to.deep.equal([undefined, second, undefined, undefined]);
      expect((await archive.find(first))?.failure?.state).to.equal('unresolved');
      expect((await archive.find(second))?.failure?.state).to.equal('discarded');
    });

    it('does nothing for an empty list', async () => {
      expect(await used.store.ledger.amendAll([], discarded)).to.deep.equal([]);
    });

    it('rejects with the error of one change, and writes none of them', async () => {
      const { ledger, archive } = used.store;
      const ids = await failed(5);
      const thrown = new Error('not in this state');
      const failure = await ledger
        .amendAll(ids, (current) => {
          if (current.id === ids[3]) throw thrown;
          return discarded(current);
        })
        .catch((error: unknown) => error);
      expect(failure).to.equal(thrown);
      expect(await all(archive.failures({ states: ['unresolved'] }))).to.have.lengthOf(5);
    });

    it('amends 500 failures at once, each of another recipient', async () => {
      const ids = await failed(500, (i) => `client${String(i)}`);
      const changed = await used.store.ledger.amendAll(ids, discarded);
      expect(changed.filter((failure) => failure?.state === 'discarded')).to.have.lengthOf(500);
      expect(await used.store.archive.summary()).to.deep.equal({ open: 0 });
    });

    it('loses no update when deliveries and amendments of the same inboxes run concurrently', async () => {
      const { ledger, archive, reader } = used.store;
      const other = await used.store.other();
      const ids = await failed(40);
      const noted = (failure: FailedMessage): FailedMessage => ({
        ...failure,
        history: [...failure.history, { at: 1, event: 'noted' }],
      });
      const deliveries = Array.from({ length: 40 }, (_, i) => aDelivery({ to: `c${String(i % 7)}` }));
      await Promise.all([
        ...Array.from({ length: 5 }, (_, i) => (i % 2 === 0 ? ledger : other.ledger).amendAll(ids, noted)),
        ...deliveries.map((delivery, i) => (i % 2 === 0 ? ledger : other.ledger).settle([delivery])),
      ]);
      for await (const { history } of archive.failures({ states: ['unresolved'] }))
        expect(history.filter(({ event }) => event === 'noted')).to.have.lengthOf(5);
      expect((await inbox(reader, 'c0')).map(({ number }) => number)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    });
  });
}

const idsOf = (letters: readonly DeadLetterEntry[]): string[] => letters.map(({ letter }) => letter.id);
