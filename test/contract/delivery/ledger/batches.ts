import { expect } from 'chai';
import { DocumentRejected } from '../../../../src/application/errors.js';
import { MAX_BATCH_ENTRIES } from '../../../../src/application/ports/ledger.js';
import { aDeadLetter, aDelivery, deadLetterOf, identities } from '../../../support/builders.js';
import { all, inbox, textsOf, useStore, type LedgerFeatures, type LedgerStoreFactory } from './store.js';

export function batches(factory: LedgerStoreFactory, { maxDocumentBytes }: LedgerFeatures): void {
  const used = useStore(factory);

  it('numbers each inbox from 1, without gaps, in the order of the entries', async () => {
    const { ledger, reader } = used.store;
    const first = ['a', 'b', 'a'].map((to, i) => aDelivery({ to, message: `first ${String(i)}` }));
    const second = ['b', 'a', 'c'].map((to, i) => aDelivery({ to, message: `second ${String(i)}` }));
    const numbers = [...(await ledger.settle(first)), ...(await ledger.settle(second))];
    expect(numbers).to.deep.equal([1, 1, 2, 2, 3, 1].map((number) => ({ kind: 'stored', number })));
    expect(textsOf(await inbox(reader, 'a'))).to.deep.equal(['first 0', 'first 2', 'second 1']);
  });

  it('stores a message unchanged, with the time of storing', async () => {
    const { ledger, reader } = used.store;
    const { message, content } = aDelivery({ message: 'Grüße 👋\n\tund mehr', sentAt: 1_699_999_999_123 });
    await ledger.settle([{ kind: 'delivery', message, content, replays: 0 }]);
    const storedAt = used.clock.time;
    expect(await reader.page(message.to, 0, 10)).to.deep.equal([
      { ...message, content, number: 1, storedAt },
    ]);
  });

  it('settles an empty batch', async () => {
    expect(await used.store.ledger.settle([])).to.deep.equal([]);
  });

  it('stores a message once if a batch contains it twice', async () => {
    const { ledger, reader } = used.store;
    const twice = aDelivery();
    const outcomes = await ledger.settle([twice, aDelivery(), twice]);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['stored', 'stored', 'duplicate']);
    expect(await inbox(reader, twice.message.to)).to.have.lengthOf(2);
  });

  it('lets each entry see the effects of the entries before it', async () => {
    const { ledger, archive } = used.store;
    const subject = aDelivery();
    const replayed = { ...subject, replays: 1 };
    const outcomes = await ledger.settle([deadLetterOf(subject), subject, replayed, deadLetterOf(replayed)]);
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['recorded', 'duplicate', 'stored', 'duplicate']);
    const known = (await archive.known([subject.message.id])).get(subject.message.id);
    expect(known?.stored).to.equal(true);
    expect(known?.failure?.state).to.equal('resolved');
  });

  it('defers the entries behind a reused id in the same inbox, and no others', async () => {
    const { ledger, archive } = used.store;
    const first = aDelivery({ to: 'a' });
    await ledger.settle([first]);
    const reuse = aDelivery({ ...first.message, message: 'something else' });
    const behind = aDelivery({ to: 'a' });
    const outcomes = await ledger.settle([reuse, behind, aDelivery({ to: 'b' }), aDeadLetter({ to: 'a' })]);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['reused', 'deferred', 'stored', 'deferred']);
    expect(await archive.find(behind.message.id)).to.equal(undefined);
  });

  it('treats a redelivered reused id as a duplicate once its failure is recorded', async () => {
    const { ledger, archive } = used.store;
    const first = aDelivery();
    const reuse = aDelivery({ ...first.message, message: 'something else' });
    const id = identities.ofReusedId(first.message.id, reuse.content);
    await ledger.settle([first]);
    await ledger.settle([deadLetterOf(reuse, { id, conflictsWith: first.message.id })]);
    expect(await ledger.settle([reuse, aDelivery()])).to.deep.equal([
      { kind: 'duplicate' },
      { kind: 'stored', number: 2 },
    ]);
    await ledger.amend(id, (failure) => ({ ...failure, state: 'discarded' }));
    expect(await ledger.settle([deadLetterOf(reuse), reuse])).to.deep.equal([
      { kind: 'duplicate' },
      { kind: 'duplicate' },
    ]);
    expect((await archive.find(id))?.failure?.state).to.equal('discarded');
  });

  it('records failures without a valid recipient', async () => {
    const { ledger, archive } = used.store;
    const outcomes = await ledger.settle([aDeadLetter({ to: '' }), aDeadLetter({ to: 'not a client' })]);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['recorded', 'recorded']);
    expect(await all(archive.failures({ states: ['unresolved'] }))).to.have.lengthOf(2);
  });

  it('settles a batch of the largest size', async () => {
    const { ledger, reader } = used.store;
    const entries = Array.from({ length: MAX_BATCH_ENTRIES }, (_, i) =>
      aDelivery({ to: `c${String(i % 100)}` }),
    );
    const outcomes = await ledger.settle(entries);
    expect(outcomes.filter(({ kind }) => kind === 'stored')).to.have.lengthOf(MAX_BATCH_ENTRIES);
    expect(await inbox(reader, 'c99')).to.have.lengthOf(MAX_BATCH_ENTRIES / 100);
  });

  it('leaves no trace of a probe', async () => {
    const { ledger, archive } = used.store;
    await ledger.probe();
    await ledger.probe();
    expect(await all(archive.messages({}))).to.deep.equal([]);
    expect(await all(archive.failures({ states: ['unresolved'] }))).to.deep.equal([]);
    expect(await ledger.settle([aDelivery()])).to.deep.equal([{ kind: 'stored', number: 1 }]);
  });

  if (maxDocumentBytes !== undefined) {
    it('rejects a document that is too large, and writes nothing of its batch', async () => {
      const { ledger, archive, reader } = used.store;
      const value = Buffer.alloc(maxDocumentBytes + 1, 'x');
      const good = aDelivery();
      const failure = await ledger.settle([good, aDeadLetter({ value })]).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(DocumentRejected).with.property('code', 'document-too-large');
      expect(await archive.find(good.message.id)).to.equal(undefined);
      expect(await inbox(reader, good.message.to)).to.deep.equal([]);
      expect(await ledger.settle([good])).to.deep.equal([{ kind: 'stored', number: 1 }]);
    });
  }
}
