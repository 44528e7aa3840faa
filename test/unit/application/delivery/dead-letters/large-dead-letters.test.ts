import { expect } from 'chai';
import { DeliveryWorld } from '../../../../support/delivery/delivery-world.js';
import { appendRaw, appendMessage } from '../../../../support/delivery/world-records.js';

const textsOf = (rows: readonly { message: string }[]): string[] => rows.map((row) => row.message);

describe('The delivery engine with dead letters that are too large', () => {
  it('truncates value, text and key of a dead letter until the log accepts it, and delivers the next message', async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.deadLetterLog.maxBytes = 8_000;
    const value = Buffer.from(JSON.stringify({ from: 'a', to: 'b', message: 'x'.repeat(200_000) }));
    appendRaw(world, 'b', { key: Buffer.alloc(150_000, 'k'), value, headers: {} });
    appendMessage(world, { to: 'b', message: 'next' });
    await world.clock.advance(0);
    const [failure] = await world.failures();
    expect(failure).to.include({ to: 'b', code: 'invalid-message', truncated: true });
    expect(failure?.value).to.deep.equal(value.subarray(0, 1_024));
    expect(failure?.key).to.have.lengthOf(1_024);
    expect(textsOf(await world.stored('b'))).to.deep.equal(['next']);
  });

  it('keeps the value complete if only the key made the dead letter too large', async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.deadLetterLog.maxBytes = 8_000;
    const value = Buffer.from(JSON.stringify({ from: 'a', to: 'b', message: '' }));
    appendRaw(world, 'b', { key: Buffer.alloc(900_000), value, headers: {} });
    await world.clock.advance(0);
    const [failure] = await world.failures();
    expect(failure).to.deep.include({ truncated: false, value });
  });

  it('truncates a dead letter until the store accepts it', async () => {
    const world = new DeliveryWorld();
    await world.start();
    world.ledger.deadLetterMaxBytes = 8_000;
    const text = 'x'.repeat(200_000);
    const value = Buffer.from(JSON.stringify({ from: 'a', to: 'b', message: text }));
    appendRaw(world, 'b', { key: Buffer.alloc(150_000), value, headers: {} });
    appendMessage(world, { to: 'b', message: 'next' });
    await world.clock.advance(0);
    const [failure] = await world.failures();
    expect(failure).to.include({ code: 'invalid-message', truncated: true });
    expect(failure?.value).to.deep.equal(value.subarray(0, 1_024));
    expect(textsOf(await world.stored('b'))).to.deep.equal(['next']);
  });

  it('does not truncate a dead letter that the store rejects for another reason', async () => {
    const world = new DeliveryWorld();
    await world.start();
    const bad = appendMessage(world, { to: 'b', message: '' });
    world.ledger.invalid.add(bad.id);
    await world.clock.advance(60_000);
    expect(await world.failures()).to.deep.equal([]);
    world.ledger.invalid.clear();
    await world.clock.advance(60_000);
    expect((await world.failures())[0]).to.include({ id: bad.id, truncated: false });
  });
});
