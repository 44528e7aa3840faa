import { expect } from 'chai';
import { aDeadLetter, aDelivery, anId, deadLetterOf } from '../../../support/builders.js';
import { plain, type LedgerStore, type TestClock } from '../../delivery/ledger/store.js';

interface UsedStore {
  readonly store: LedgerStore;
  readonly clock: TestClock;
}

/** Tests what an archive returns for single ids. */
export function oneId(used: UsedStore): void {
  it('returns nothing for an unknown id', async () => {
    expect(await used.store.archive.find(anId())).to.equal(undefined);
  });

  it('returns a stored message', async () => {
    const subject = aDelivery();
    const { message, content } = subject;
    await used.store.ledger.settle([subject]);
    const stored = { ...message, content, number: 1, storedAt: used.clock.time };
    expect(await used.store.archive.find(message.id)).to.deep.equal({ message: stored });
    const known = await used.store.archive.known([message.id]);
    expect([...known]).to.deep.equal([[message.id, { content, stored: true }]]);
  });

  it('returns a failure', async () => {
    const entry = aDeadLetter();
    const { id, content } = entry.letter;
    await used.store.ledger.settle([entry]);
    const found = await used.store.archive.find(id);
    expect(found).to.have.all.keys('failure');
    expect(found?.failure).to.include({ id, content });
    const known = (await used.store.archive.known([id])).get(id);
    expect(known).to.include({ content, stored: false });
    expect(plain(known?.failure)).to.deep.equal(plain(found?.failure));
  });

  it('returns both if the message was stored after it had failed', async () => {
    const subject = aDelivery({ replays: 1 });
    await used.store.ledger.settle([deadLetterOf(subject, { replays: 0 }), subject]);
    const found = await used.store.archive.find(subject.message.id);
    expect(found?.message).to.include({ message: subject.message.message, number: 1 });
    expect(found?.failure).to.include({ state: 'resolved', resolution: 'stored' });
  });

  it('returns the failures recorded under it with other content, in the order of their ids', async () => {
    const subject = aDelivery();
    const { id } = subject.message;
    const others = [anId(), anId(), anId()];
    const failures = [others[1], others[0]].map((other) => aDeadLetter({ id: other!, conflictsWith: id }));
    await used.store.ledger.settle([
      subject,
      ...failures,
      aDeadLetter({ id: others[2]!, conflictsWith: anId() }),
    ]);
    expect(await used.store.archive.conflicts(id)).to.deep.equal([others[0], others[1]]);
    expect(await used.store.archive.conflicts(others[0]!)).to.deep.equal([]);
  });

  it('omits unknown ids when it looks up many', async () => {
    const some = [aDelivery(), aDelivery(), aDelivery()];
    await used.store.ledger.settle(some);
    const ids = some.map(({ message }) => message.id);
    const known = await used.store.archive.known([anId(), ...ids, anId()]);
    expect([...known.keys()].sort()).to.deep.equal(ids);
    expect((await used.store.archive.known([])).size).to.equal(0);
  });
}
