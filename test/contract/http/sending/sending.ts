import { expect } from 'chai';
import { aClient, idIn } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

export function sendContract(used: UsedHttp): void {
  describe('POST /send-message', () => {
    const aMessage = () => ({ from: aClient('from'), to: aClient('to'), message: 'hello' });

    it('returns 201 in plain text, with the location of the message', async () => {
      const { status, headers, text } = await used.client.send(aMessage());
      expect([status, text]).to.deep.equal([201, 'message created.']);
      expect(headers.get('content-type')).to.match(/^text\/plain/);
      expect(headers.get('location')).to.match(/^\/messages\/[0-9a-f]{24}$/);
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      for (const absent of ['x-powered-by', 'etag']) expect(headers.has(absent)).to.equal(false);
    });

    it('stores the message once and unchanged', async () => {
      const message = { ...aMessage(), message: 'Grüße\n<b>"&\'</b> 👋' };
      const before = Math.floor(Date.now() / 1_000) * 1_000;
      const answer = await used.client.send(message);
      const [row, ...others] = await used.client.waitForRows(`/messages?to=${message.to}`, 1);
      expect(others).to.deep.equal([]);
      const { send_time: sendTime, ...rest } = row!;
      expect(rest).to.deep.equal({ _id: idIn(answer), ...message, __v: 0 });
      expect(sendTime).to.match(
        /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)$/,
      );
      expect(Date.parse(sendTime)).to.be.within(before, Date.now());
    });

    it('stores sanitized text: composed, without control characters, trimmed', async () => {
      const message = { ...aMessage(), message: ' \u0000Gru\u0308\u001bße\t\n ' };
      await used.client.send(message);
      const [row] = await used.client.waitForRows(`/messages?to=${message.to}`, 1);
      expect(row?.message).to.equal('Grüße');
    });

    it('accepts messages up to the limits, counted in code points, however they are escaped', async () => {
      const message = { from: 'f'.repeat(128), to: aClient(), message: '👋'.repeat(used.messageMaxLength) };
      const escaped = JSON.stringify(message).replaceAll('👋', '\\ud83d\\udc4b');
      expect((await used.client.post(escaped)).status).to.equal(201);
      const [row] = await used.client.waitForRows(`/messages?to=${message.to}`, 1);
      expect(row?.message).to.equal(message.message);
    });

    it('keeps the order of one recipient', async () => {
      const to = aClient();
      const texts = Array.from({ length: 20 }, (_, n) => `message ${n}`);
      for (const message of texts) await used.client.send({ from: 'clientA', to, message });
      const rows = await used.client.waitForRows(`/messages?to=${to}`, 20);
      expect(rows.map(({ message }) => message)).to.deep.equal(texts);
    });

    it('answers in JSON if the client prefers it', async () => {
      const message = aMessage();
      const answer = await used.client.send(message, { accept: 'application/json' });
      const { sentAt, ...rest } = JSON.parse(answer.text);
      expect(answer.status).to.equal(201);
      expect(answer.headers.get('content-type')).to.match(/^application\/json/);
      expect(rest).to.deep.equal({ id: idIn(answer), ...message, status: 'accepted' });
      expect(sentAt).to.equal(new Date(sentAt).toISOString());
    });

    const accepts: readonly (readonly [string, 'json' | 'plain'])[] = [
      ['*/*', 'plain'],
      ['text/html', 'plain'],
      ['image/png', 'plain'],
      ['application/json, text/plain, */*', 'plain'],
      ['application/json', 'json'],
      ['application/problem+json', 'json'],
      ['application/json, */*;q=0.5', 'json'],
      ['application/json;q=0.5, text/plain;q=0.5', 'plain'],
    ];
    for (const [accept, form] of accepts) {
      it(`answers ${accept} in ${form} form, on success and on failure`, async () => {
        const success = await used.client.send(aMessage(), { accept });
        const failure = await used.client.post('no JSON', { accept });
        expect(success.headers.get('content-type')).to.include(form);
        expect(failure.headers.get('content-type')).to.include(form === 'json' ? 'problem+json' : 'plain');
        expect([success.status, failure.status]).to.deep.equal([201, 400]);
        expect(failure.text === 'Failed to create message.').to.equal(form === 'plain');
      });
    }

    it('returns the request id of the request, or generates one', async () => {
      const given = await used.client.send(aMessage(), { 'x-request-id': 'my-request.1' });
      expect(given.headers.get('x-request-id')).to.equal('my-request.1');
      const made = await used.client.send(aMessage(), { 'x-request-id': 'a b' });
      expect(made.headers.get('x-request-id')).to.match(/^[\w-]+$/);
    });
  });
}
