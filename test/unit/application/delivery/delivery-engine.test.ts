import { expect } from 'chai';
import { ServedClients } from '../../../../src/domain/delivery/served-clients.js';
import { identities } from '../../../support/builders.js';
import { DeliveryWorld, PARKED_MAX, partitionOf } from '../../../support/delivery/delivery-world.js';
import { appendRaw, appendMessage } from '../../../support/delivery/world-records.js';

const textsOf = (rows: readonly { message: string }[]): string[] => rows.map((row) => row.message);

describe('The delivery engine', () => {
  it('stores arriving messages in the order of the log, and commits them', async () => {
    const world = new DeliveryWorld();
    await world.start();
    for (const message of ['one', 'two', 'three']) appendMessage(world, { to: 'b', message });
    await world.clock.advance(0);
    expect(textsOf(await world.store.page('b', 0, 10))).to.deep.equal(['one', 'two', 'three']);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(3);
  });

  it('skips and commits messages to clients that it does not serve', async () => {
    const world = new DeliveryWorld({ served: ServedClients.only(['b']) });
    await world.start();
    appendMessage(world, { to: 'd' });
    appendMessage(world, { to: 'b' });
    await world.clock.advance(0);
    expect((await world.stored()).map(({ to }) => to)).to.deep.equal(['b']);
    expect(world.feed.committed.messages[partitionOf('d')]).to.equal(2);
  });

  it('skips and commits records that are older than the retention', async () => {
    const world = new DeliveryWorld({ expiresAfterMs: 1_000 });
    const old = appendMessage(world, { to: 'b' });
    await world.clock.advance(1_001);
    const young = appendMessage(world, { to: 'b' });
    await world.start();
    await world.clock.advance(0);
    expect((await world.stored()).map(({ id }) => id))
      .to.deep.equal([young.id])
      .and.not.include(old.id);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(2);
  });

  it("dead-letters a message that breaks the rules before it stores the recipient's next message", async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.deadLetterLog.down = true;
    appendMessage(world, { to: 'b', message: '' });
    appendMessage(world, { to: 'b', message: 'next' });
    appendMessage(world, { to: 'd', message: 'other' });
    await world.clock.advance(10_000);
    expect(textsOf(await world.stored())).to.deep.equal(['other']);
    world.deadLetterLog.down = false;
    await world.clock.advance(10_000);
    expect(textsOf(await world.stored('b'))).to.deep.equal(['next']);
    const [failure] = await world.failures();
    expect(failure).to.include({ to: 'b', code: 'invalid-message', disposition: 'rejected' });
    expect(failure?.reason).to.equal('Message validation failed: message: Path `message` is required.');
    expect(world.ledger.events.map(({ kind }) => kind)).to.deep.equal(['stored', 'recorded', 'stored']);
  });

  it('records a failure with the bytes of a record that cannot be decoded', async () => {
    const world = new DeliveryWorld();
    await world.start();
    appendRaw(world, 'b', { key: null, value: Buffer.from('{no json'), headers: {} });
    await world.clock.advance(0);
    const [failure] = await world.failures();
    expect(failure).to.include({ code: 'undecodable', disposition: 'rejected', to: '' });
    expect(Buffer.from(failure?.value ?? []).toString()).to.equal('{no json');
  });

  it('retries a message that fails while others succeed, after 1, 2 and 4 seconds, and keeps the order', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const poisoned = appendMessage(world, { to: 'b', message: 'poisoned' });
    world.ledger.poison.set(poisoned.id, 3);
    appendMessage(world, { to: 'b', message: 'behind' });
    appendMessage(world, { to: 'd', message: 'beside' });
    await world.clock.advance(999 + 2_000 + 4_000);
    expect(textsOf(await world.stored())).to.deep.equal(['beside']);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(0);
    await world.clock.advance(1);
    expect(textsOf(await world.store.page('b', 0, 10))).to.deep.equal(['poisoned', 'behind']);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(3);
  });

  it('dead-letters a message as exhausted after the last retry', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const poisoned = appendMessage(world, { to: 'b', message: 'poisoned' });
    world.ledger.poison.set(poisoned.id, Infinity);
    appendMessage(world, { to: 'b', message: 'behind' });
    await world.clock.advance(7_000);
    const [failure] = await world.failures();
    expect(failure).to.include({ id: poisoned.id, disposition: 'exhausted', attempts: 4, failures: 1 });
    expect(failure?.origin).to.deep.include({ topic: 'messages', partition: partitionOf('b'), offset: 0 });
    expect(textsOf(await world.stored())).to.deep.equal(['behind']);
  });

  it('finds the failing message of a batch by halving, and stores all others at once', async () => {
    const world = new DeliveryWorld();
    const sent = Array.from({ length: 40 }, (_, n) => appendMessage(world, { to: `client-${String(n)}b` }));
    const culprit = sent[17];
    world.ledger.poison.set(culprit?.id ?? '', 2);
    await world.start();
    await world.clock.advance(0);
    const stored = (await world.stored()).map(({ id }) => id);
    expect(stored).to.have.length(39).and.not.include(culprit?.id);
  });

  it('dead-letters nothing in an outage, counts no attempt, and resumes by itself', async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.ledger.down = 'unavailable';
    const message = appendMessage(world, { to: 'b' });
    await world.clock.advance(600_000);
    expect(await world.failures()).to.deep.equal([]);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(0);
    world.ledger.down = false;
    await world.clock.advance(5_000);
    expect((await world.stored()).map(({ id }) => id)).to.deep.equal([message.id]);
  });

  it('treats a store that accepts nothing as an outage, whatever its errors say', async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.ledger.down = 'unknown';
    for (let n = 0; n < 5; n += 1) appendMessage(world, { to: `${String(n)}b` });
    await world.clock.advance(600_000);
    expect(await world.failures()).to.deep.equal([]);
    world.ledger.down = false;
    await world.clock.advance(5_000);
    expect(await world.stored()).to.have.length(5);
  });

  it('stores messages once if responses were lost, and dead-letters none', async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.ledger.responsesToLose = 10;
    appendMessage(world, { to: 'b' });
    await world.clock.advance(120_000);
    expect(await world.failures()).to.deep.equal([]);
    expect(await world.stored()).to.have.length(1);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(1);
  });

  it('dead-letters a message at once if the store rejects it, and truncates it if necessary', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const big = appendMessage(world, { to: 'b', message: 'x'.repeat(10_000) });
    world.ledger.tooLarge.add(big.id);
    await world.clock.advance(0);
    const [failure] = await world.failures();
    expect(failure).to.include({
      id: big.id,
      code: 'document-too-large',
      disposition: 'rejected',
      truncated: true,
    });
  });

  it('dead-letters an id used for other content under a derived id, and a redelivery changes nothing', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const first = appendMessage(world, { to: 'b', message: 'first' });
    appendMessage(world, { id: first.id, to: 'b', message: 'second' });
    appendMessage(world, { to: 'b', message: 'third' });
    await world.clock.advance(0);
    const [failure, ...others] = await world.failures();
    expect(others).to.deep.equal([]);
    expect(failure).to.include({
      code: 'idempotency-key-reused',
      message: 'second',
      conflictsWith: first.id,
    });
    const content = identities.contentOf({ ...first, message: 'second' });
    expect(failure?.id).to.equal(identities.ofReusedId(first.id, content));
    expect(world.ledger.events.map(({ kind }) => kind)).to.deep.equal(['stored', 'recorded', 'stored']);
    world.feed.committed.messages.fill(0);
    await world.crashAndRestart();
    await world.clock.advance(0);
    expect(await world.stored()).to.have.length(2);
    expect(await world.failures()).to.have.length(1);
  });

  it('parks no more messages than the limit, and accepts the rest when there is space again', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const poisoned = appendMessage(world, { to: 'b' });
    world.ledger.poison.set(poisoned.id, 1);
    for (let n = 0; n < 3 * PARKED_MAX; n += 1) appendMessage(world, { to: 'b' });
    const beyond = appendMessage(world, { to: 'd' });
    await world.clock.advance(500);
    expect(world.maxParked).to.equal(PARKED_MAX);
    expect(await world.stored()).to.deep.equal([]);
    await world.clock.advance(1_000);
    expect(await world.stored()).to.have.length(3 * PARKED_MAX + 2);
    expect((await world.stored('d')).map(({ id }) => id)).to.deep.equal([beyond.id]);
  });

  it('continues after more parked messages than it accepts at a time', async () => {
    const world = new DeliveryWorld({ parkedMax: 1_000, batchSize: () => 1_000 });
    const poisoned = appendMessage(world, { to: 'b' });
    world.ledger.poison.set(poisoned.id, 1);
    for (let n = 0; n < 700; n += 1) appendMessage(world, { to: 'b' });
    const beyond = appendMessage(world, { to: 'd' });
    await world.start();
    await world.clock.advance(500);
    expect((await world.stored()).map(({ id }) => id)).to.deep.equal([beyond.id]);
    await world.clock.advance(1_000);
    expect(await world.stored('b')).to.have.length(701);
  });

  it('commits finished records when it is revoked, and no unfinished ones', async () => {
    const world = new DeliveryWorld();
    await world.start();
    appendMessage(world, { to: 'b' });
    const waiting = appendMessage(world, { to: 'd' });
    world.ledger.poison.set(waiting.id, Infinity);
    await world.clock.advance(0);
    await Promise.all(world.engines.map((engine) => engine.stop()));
    await world.clock.advance(60_000);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(1);
    expect(await world.failures()).to.deep.equal([]);
  });

  it('drops the results of an assignment that has ended', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const waiting = appendMessage(world, { to: 'b' });
    world.ledger.poison.set(waiting.id, Infinity);
    await world.clock.advance(3_500);
    world.feed.crash();
    await world.clock.advance(60_000);
    expect(await world.failures()).to.deep.equal([]);
    expect(world.feed.committed.messages[partitionOf('b')]).to.equal(0);
  });
});
