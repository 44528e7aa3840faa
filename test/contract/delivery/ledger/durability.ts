import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { aDeadLetter, aDelivery, deadLetterOf } from '../../../support/builders.js';
import { FaultyLedger } from '../../../support/delivery/ledger/faulty-ledger.js';
import {
  all,
  inbox,
  plain,
  textsOf,
  useStore,
  type LedgerFeatures,
  type LedgerStoreFactory,
} from './store.js';

export function durability(factory: LedgerStoreFactory, { reopens }: LedgerFeatures): void {
  const used = useStore(factory);

  it('changes nothing when a batch whose response was lost is settled again', async () => {
    const { ledger, archive, reader } = used.store;
    const crashing = new FaultyLedger(ledger);
    const batch = [aDelivery(), aDeadLetter(), aDelivery({ to: 'other' }), aDelivery()];
    crashing.crashAfterWrite(new DependencyUnavailable('store', new Error('the answer got lost')));
    const lost = await crashing.settle(batch).catch((error: unknown) => error);
    expect(lost).to.be.instanceOf(DependencyUnavailable);
    const failures = await all(archive.failures({ states: ['unresolved'] }));
    used.clock.time += 60_000;

    const again = await crashing.settle(batch);
    expect(again).to.deep.equal(batch.map(() => ({ kind: 'duplicate' })));
    expect((await inbox(reader, 'clientB')).map(({ number }) => number)).to.deep.equal([1, 2]);
    expect(plain(await all(archive.failures({ states: ['unresolved'] })))).to.deep.equal(plain(failures));
  });

  it('continues after the part of a batch that was settled', async () => {
    const { ledger, reader } = used.store;
    const batch = ['one', 'two', 'three', 'four'].map((message) => aDelivery({ message }));
    await ledger.settle(batch.slice(0, 2));
    const outcomes = await ledger.settle(batch);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['duplicate', 'duplicate', 'stored', 'stored']);
    expect(textsOf(await inbox(reader, 'clientB'))).to.deep.equal(['one', 'two', 'three', 'four']);
  });

  it('resolves a replay once, even if its record is delivered again after a lost response', async () => {
    const { ledger, archive, reader } = used.store;
    const subject = aDelivery();
    const { id } = subject.message;
    await ledger.settle([deadLetterOf(subject)]);
    await ledger.amend(id, (failure) => ({ ...failure, state: 'replaying', replays: 1 }));
    const replayed = { ...subject, replays: 1 };
    expect((await ledger.settle([replayed]))[0]?.kind).to.equal('stored');
    expect((await ledger.settle([replayed, deadLetterOf(replayed)])).map(({ kind }) => kind)).to.deep.equal([
      'duplicate',
      'duplicate',
    ]);
    expect((await archive.find(id))?.failure?.state).to.equal('resolved');
    expect(await inbox(reader, 'clientB')).to.have.lengthOf(1);
  });

  if (reopens) {
    it('keeps everything settled when it is reopened, and continues with the next number', async () => {
      const first = aDelivery({ message: 'before' });
      const dead = aDeadLetter({ value: Buffer.from([0, 255, 1]) });
      await used.store.ledger.settle([first, dead]);
      const failure = (await used.store.archive.find(dead.letter.id))?.failure;

      const { ledger, archive, reader } = await used.store.reopen();
      expect(plain((await archive.find(dead.letter.id))?.failure)).to.deep.equal(plain(failure));
      const outcomes = await ledger.settle([first, dead, aDelivery({ message: 'after' })]);
      expect(outcomes).to.deep.equal([
        { kind: 'duplicate' },
        { kind: 'duplicate' },
        { kind: 'stored', number: 2 },
      ]);
      expect(textsOf(await inbox(reader, 'clientB'))).to.deep.equal(['before', 'after']);
    });
  }
}
