import { expect } from 'chai';
import { BodySystem } from '../../../../../support/http/body-system.js';
import { eventually } from '../../../../../support/eventually.js';

describe('A body that stops arriving', () => {
  let system: BodySystem;

  beforeEach(async () => {
    system = await new BodySystem().start();
  });

  afterEach(() => system.close());

  for (const path of ['/send-message', '/send-messages']) {
    it(`on ${path} gets 408 after 10 s, and its connection is closed`, async () => {
      const sending = await system.hold(path, 20);
      await system.clock.advance(10_000);
      expect([sending.received, system.memory.bytes]).to.deep.equal(['', 20]);
      await system.clock.advance(1_000);
      await sending.ended;
      expect(sending.received)
        .to.match(/^HTTP\/1\.1 408 /)
        .and.match(/^connection: close\r$/im);
      const said = path === '/send-message' ? 'Failed to create message.' : '"code":"body-timeout"';
      expect(sending.received).to.include(said);
      await system.waitForBytes(0);
    });
  }

  it('gets 408 even if it never began', async () => {
    const sending = await system.connection();
    sending.post('/send-message', { 'content-length': 20 });
    await eventually(() => system.clock.pendingTimers > 0);
    await system.clock.advance(11_000);
    expect(await sending.statuses(1)).to.deep.equal([408]);
  });

  it('is waited for if it continues within 10 s', async () => {
    const sending = await system.connection();
    sending.post('/send-message', { 'content-length': 4 });
    for (const bytes of [1, 2, 3]) {
      sending.write(' ');
      await system.waitForBytes(bytes);
      await system.clock.advance(9_900);
    }
    sending.write(' ');
    expect(await sending.statuses(1)).to.deep.equal([400]);
  });

  it('gets the earlier response if it was already rejected on a connection that is closed afterwards', async () => {
    await system.fill();
    const sending = await system.connection();
    sending.post('/send-messages', { 'content-length': 20, connection: 'close' });
    sending.write(' ');
    await system.pause();
    await system.clock.advance(11_000);
    await sending.ended;
    expect(sending.received).to.match(/^HTTP\/1\.1 503 /);
  });

  it('leaves no timer behind, and neither does a body that arrives completely', async () => {
    await system.client.send({});
    await system.clock.advance(1_000);
    expect(system.clock.pendingTimers).to.equal(0);
  });
});
