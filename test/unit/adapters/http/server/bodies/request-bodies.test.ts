import { expect } from 'chai';
import { BODY_MEMORY, BodySystem, RESERVED_FOR_SENDS } from '../../../../../support/http/body-system.js';

const message = { from: 'clientA', to: 'clientB', message: 'hello' };
const body = JSON.stringify(message);
const batch = JSON.stringify({ messages: [message] });

describe('The body of a request', () => {
  let system: BodySystem;

  beforeEach(async () => {
    system = await new BodySystem().start();
  });

  afterEach(() => system.close());

  it('counts from its first byte until the request is answered', async () => {
    const sending = await system.connection();
    sending.post('/send-message', { 'content-length': body.length });
    sending.write(body.slice(0, 10));
    await system.waitForBytes(10);
    sending.write(body.slice(10));
    await system.waitForAppend();
    expect(system.memory.bytes).to.equal(body.length);
    system.log.last.succeed();
    expect(await sending.statuses(1)).to.deep.equal([201]);
    await system.waitForBytes(0);
  });

  it('counts without a Content-Length', async () => {
    const sending = await system.connection();
    sending.post('/send-messages', { 'transfer-encoding': 'chunked' });
    sending.write(`${batch.length.toString(16)}\r\n${batch}\r\n`);
    await system.waitForBytes(batch.length);
    sending.write('0\r\n\r\n');
    await system.waitForAppend();
    expect(system.memory.bytes).to.equal(batch.length);
    system.log.last.succeed();
    expect(await sending.statuses(1)).to.deep.equal([207]);
    await system.waitForBytes(0);
  });

  it('no longer counts when its client has disconnected', async () => {
    const early = await system.hold('/send-messages', 100);
    const late = await system.connection();
    late.post('/send-message', { 'content-length': body.length });
    late.write(body);
    await system.waitForAppend();
    expect(system.memory.bytes).to.equal(100 + body.length);
    early.close();
    await system.waitForBytes(body.length);
    late.close();
    await system.waitForBytes(0);
    system.log.last.succeed();
  });

  for (const length of [16_097, 100_000]) {
    it(`of ${length} bytes no longer counts as soon as it is known to be too large`, async () => {
      const sending = await system.connection();
      sending.post('/send-message', { 'transfer-encoding': 'chunked' });
      sending.write(`${length.toString(16)}\r\n${' '.repeat(length)}`);
      expect(await sending.statuses(1)).to.deep.equal([413]);
      expect(system.memory.bytes).to.equal(0);
    });
  }

  describe('when the memory is full', () => {
    it('gets 503 with Retry-After, in plain text for a sender', async () => {
      await system.fill();
      const { status, text, headers } = await system.client.send(message);
      expect([status, text, headers.get('retry-after')]).to.deep.equal([
        503,
        'Failed to create message.',
        '5',
      ]);
      expect(system.memory.bytes).to.equal(BODY_MEMORY);
      expect(system.log.appends).to.deep.equal([]);
    });

    it('is answered with a problem that says that nothing was sent', async () => {
      await system.fill();
      const single = await system.client.send(message, { accept: 'application/json' });
      const many = await system.client.request('/send-messages', {
        ...{ method: 'POST', body: batch, headers: { 'content-type': 'application/json' } },
      });
      for (const { status, text, headers } of [single, many]) {
        expect([status, headers.get('retry-after')]).to.deep.equal([503, '5']);
        expect(JSON.parse(text)).to.include({ code: 'body-memory-full', outcome: 'not-sent' });
      }
      const other = await system.client.request('/replays', {
        ...{ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
      });
      expect([other.status, other.headers.get('retry-after')]).to.deep.equal([503, '5']);
      expect(JSON.parse(other.text))
        .to.include({ code: 'body-memory-full' })
        .and.not.have.property('outcome');
    });

    it('is answered before it is complete, and the rest is discarded', async () => {
      await system.hold('/send-messages', BODY_MEMORY - RESERVED_FOR_SENDS - 100);
      const sending = await system.connection();
      sending.post('/send-messages', { 'content-length': 5_000 });
      sending.write(' '.repeat(60));
      await system.waitForBytes(BODY_MEMORY - RESERVED_FOR_SENDS - 40);
      sending.write(' '.repeat(60));
      expect(await sending.statuses(1)).to.deep.equal([503]);
      await system.waitForBytes(BODY_MEMORY - RESERVED_FOR_SENDS - 100);
      sending.write(' '.repeat(5_000 - 120));
      sending.post('/send-message', { 'content-length': 2 });
      sending.write('{}');
      expect(await sending.statuses(2)).to.deep.equal([503, 400]);
    });

    it('fits again as soon as another request is answered', async () => {
      const holding = await system.hold('/send-messages', BODY_MEMORY - RESERVED_FOR_SENDS - 1);
      const post = () =>
        system.client.request('/send-messages', {
          ...{ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
        });
      expect((await post()).status).to.equal(503);
      holding.write(' ');
      expect(await holding.statuses(1)).to.deep.equal([400]);
      await system.waitForBytes(0);
      expect((await post()).status).to.equal(400);
    });

    it('is still accepted if it is a single message and large requests have used up their share', async () => {
      await system.hold('/send-messages', BODY_MEMORY - RESERVED_FOR_SENDS);
      const answer = system.client.send(message);
      await system.waitForAppend();
      system.log.last.succeed();
      expect((await answer).status).to.equal(201);
    });
  });

  describe('on a connection that is closed after the response', () => {
    const refusals: readonly (readonly [
      string,
      number,
      Record<string, string | number>,
      () => Promise<void>,
    ])[] = [
      ['finds the memory full', 503, { 'content-length': 3_000 }, () => system.fill()],
      ['says that it is too large', 413, { 'content-length': 17_000 }, () => Promise.resolve()],
      [
        'is of another type',
        415,
        { 'content-length': 3_000, 'content-type': 'text/plain' },
        () => Promise.resolve(),
      ],
    ];
    for (const [what, status, headers, prepare] of refusals) {
      it(`and ${what}, returns ${status} after it has arrived completely, and is discarded before`, async () => {
        await prepare();
        const before = system.memory.bytes;
        const sending = await system.connection();
        sending.post('/send-message', { ...headers, connection: 'close' });
        sending.write(' '.repeat(2_999));
        await system.pause();
        expect([sending.received, system.memory.bytes]).to.deep.equal(['', before]);
        sending.write(' '.repeat(Number(headers['content-length']) - 2_999));
        await sending.ended;
        expect(sending.received).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      });
    }

    it('holds no memory until it has arrived completely if it becomes too large', async () => {
      const sending = await system.connection();
      sending.post('/send-message', { 'transfer-encoding': 'chunked', connection: 'close' });
      sending.write(`2710\r\n${' '.repeat(10_000)}\r\n`);
      await system.waitForBytes(10_000);
      sending.write(`2710\r\n${' '.repeat(10_000)}\r\n`);
      await system.waitForBytes(0);
      expect(sending.received).to.equal('');
      sending.write('0\r\n\r\n');
      await sending.ended;
      expect(sending.received).to.match(/^HTTP\/1\.1 413 /);
    });
  });
});
