import { expect } from 'chai';
import { DocumentRejected } from '../../../../src/application/errors.js';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import { aDelivery } from '../../../support/builders.js';
import { FaultyLedger } from '../../../support/delivery/ledger/faulty-ledger.js';
import { anItem, items, ImportWorld } from '../../../support/legacy-import/import-world.js';

describe('The legacy import', () => {
  it('stores messages in the order of their creation, and sets the documents aside', async () => {
    const world = new ImportWorld();
    world.collections.add('messages', ...items(1, 4));
    const counts = await world.run();
    expect(counts.messages).to.deep.equal({ stored: 3, failed: 0, known: 0 });
    const stored = await world.inbox();
    expect(stored.map(({ number, message }) => [number, message])).to.deep.equal([
      [1, 'message 1'],
      [2, 'message 2'],
      [3, 'message 3'],
    ]);
    expect(stored[0]).to.include({
      id: anItem(1).letter.id,
      from: 'clientA',
      sentAt: anItem(1).letter.sentAt,
    });
    expect(await world.countRemaining()).to.equal(0);
    expect(world.collections.setAsideItems('messages').map(({ key }) => key)).to.deep.equal([1, 2, 3]);
  });

  it('records messages that break the rules as failed, with the reason', async () => {
    const world = new ImportWorld();
    const empty = anItem(1, { message: '' });
    world.collections.add('messages', { ...empty, raw: { ...empty.raw, message: undefined } }, anItem(2));
    expect((await world.run()).messages).to.deep.equal({ stored: 1, failed: 1, known: 0 });
    const reason = 'Message validation failed: message: Path `message` is required.';
    const [failure] = await world.failures();
    expect(failure).to.include({ id: empty.letter.id, code: 'invalid-message', reason, from: 'clientA' });
  });

  it('records failures unchanged', async () => {
    const world = new ImportWorld();
    const item = anItem(1, { reason: 'no room', failedAt: 1_600_000_000_000 });
    world.collections.add('failures', item);
    expect((await world.run()).failures).to.deep.equal({ stored: 0, failed: 1, known: 0 });
    const [failure] = await world.failures();
    expect(failure).to.deep.include({ ...item.letter, state: 'unresolved' });
  });

  it('loses no message whose id belongs to another one', async () => {
    const world = new ImportWorld();
    const { id } = anItem(1).letter;
    await world.ledger.settle([aDelivery({ id, message: 'ours' })]);
    world.collections.add('messages', anItem(1), anItem(2));
    world.collections.add('failures', anItem(1, { message: 'yet another' }));
    await world.run();
    expect((await world.inbox()).map(({ message }) => message)).to.deep.equal(['ours', 'message 2']);
    const failures = await world.failures();
    expect(failures.map(({ message }) => message)).to.have.members(['message 1', 'yet another']);
    for (const failure of failures) expect(failure.conflictsWith).to.equal(id);
    expect(failures.find(({ message }) => message === 'message 1')?.code).to.equal('idempotency-key-reused');
  });

  it('imports in batches of 500, and reports progress', async () => {
    const world = new ImportWorld();
    world.collections.add('messages', ...items(0, 1_100));
    world.collections.add('failures', ...items(2_000, 2_002));
    await world.run();
    expect(world.progress).to.deep.equal([
      { kind: 'messages', done: 500, total: 1_100 },
      { kind: 'messages', done: 1_000, total: 1_100 },
      { kind: 'messages', done: 1_100, total: 1_100 },
      { kind: 'failures', done: 2, total: 2 },
    ]);
    expect((await world.inbox()).map(({ number }) => number)).to.deep.equal(
      items(1, 1_101).map(({ key }) => key),
    );
  });

  it('settles no more bytes at once than a ledger must accept', async () => {
    const world = new ImportWorld();
    const ledger = new FaultyLedger(world.ledger);
    const large = (n: number) => anItem(n, { message: 'x'.repeat(9_000), value: new Uint8Array(1_500_000) });
    world.collections.add('failures', large(1), large(2), large(3));
    await world.run(ledger);
    expect(ledger.settled.map((batch) => batch.length)).to.deep.equal([2, 1]);
  });

  it('truncates documents that the store rejects as too large, among others that it accepts', async () => {
    const world = new ImportWorld();
    const ledger = new RefusingLedger(world.ledger);
    const huge = { message: 'x'.repeat(200_000), value: new Uint8Array(300_000) };
    world.collections.add('messages', anItem(1), anItem(2, huge), anItem(3));
    world.collections.add('failures', anItem(4, huge));
    expect(await world.run(ledger)).to.deep.equal({
      messages: { stored: 2, failed: 1, known: 0 },
      failures: { stored: 0, failed: 1, known: 0 },
    });
    for (const failure of await world.failures()) {
      expect(failure).to.include({ truncated: true });
      expect(failure.value).to.have.lengthOf(1_024);
    }
  });

  it('records a message that the store rejects as failed', async () => {
    const world = new ImportWorld();
    const ledger = new FaultyLedger(world.ledger);
    ledger.failNext(new DocumentRejected('document-invalid', new Error('no')));
    world.collections.add('messages', anItem(1));
    await world.run(ledger);
    expect((await world.failures())[0]).to.include({ code: 'document-invalid', truncated: true });
  });
});

/** Rejects entries that are too large. */
class RefusingLedger implements Pick<Ledger, 'settle'> {
  constructor(private readonly inner: Ledger) {}

  settle(entries: Parameters<Ledger['settle']>[0]): ReturnType<Ledger['settle']> {
    const isLarge = entries.some(
      (entry) => entry.kind === 'dead-letter' && (entry.letter.value?.length ?? 0) > 2_000,
    );
    if (isLarge) return Promise.reject(new DocumentRejected('document-too-large', new Error('no')));
    return this.inner.settle(entries);
  }
}
