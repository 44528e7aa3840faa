import { expect } from 'chai';
import type { FailedMessage } from '../../../src/domain/failed-message.js';
import { aDeadLetter, aDelivery, anId } from '../../support/builders.js';
import { plain, useStore, type LedgerStoreFactory } from './store.js';

const discarded = (failure: FailedMessage): FailedMessage => ({ ...failure, state: 'discarded' });

export function amending(factory: LedgerStoreFactory): void {
  const used = useStore(factory);

  it('replaces a failure by what the change makes of it, and resolves with it', async () => {
    const { ledger, archive } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    const history = [{ at: 5, event: 'discarded', by: 'ops', note: 'no use' }];
    const amended = await ledger.amend(letter.id, (failure) => ({ ...discarded(failure), history }));
    expect(amended).to.deep.include({ state: 'discarded', history, reason: letter.reason });
    expect(plain((await archive.find(letter.id))?.failure)).to.deep.equal(plain(amended));
  });

  it('amends a failure of no valid recipient', async () => {
    const { ledger } = used.store;
    const { letter } = aDeadLetter({ to: '' });
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    expect(await ledger.amend(letter.id, discarded)).to.include({ state: 'discarded' });
  });

  it('writes nothing when the change gives nothing', async () => {
    const { ledger, archive } = used.store;
    const { letter } = aDeadLetter();
    await ledger.settle([{ kind: 'dead-letter', letter }]);
    expect(await ledger.amend(letter.id, () => undefined)).to.equal(undefined);
    expect((await archive.find(letter.id))?.failure?.state).to.equal('unresolved');
  });

  it('has nothing to amend where nothing failed', async () => {
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

  it('passes on what the change throws, and writes nothing', async () => {
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
}
