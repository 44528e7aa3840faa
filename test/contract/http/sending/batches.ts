import { expect } from 'chai';
import { aClient } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

interface Result {
  readonly status: number;
  readonly id?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

export function batchContract(used: UsedHttp): void {
  describe('POST /send-messages', () => {
    async function post(body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
      const answer = await used.client.request('/send-messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: JSON.parse(answer.text) as Record<string, unknown> };
    }

    async function sendAll(messages: readonly unknown[]): Promise<readonly Result[]> {
      const { status, body } = await post({ messages });
      expect(status).to.equal(207);
      return body['results'] as Result[];
    }

    it('answers each message separately, in order, and stores the valid ones in that order', async () => {
      const to = aClient('to');
      const texts = ['one', '', 'two', 'three'];
      const results = await sendAll(texts.map((message) => ({ from: 'clientA', to, message })));
      expect(results.map(({ status }) => status)).to.deep.equal([201, 400, 201, 201]);
      expect(results[1]).to.include({ code: 'invalid-message' });
      expect(results[1]?.errors?.map(({ pointer }) => pointer)).to.deep.equal(['#/messages/1/message']);
      const rows = await used.client.waitForRows(`/messages?to=${to}`, 3);
      expect(rows.map(({ message }) => message)).to.deep.equal(['one', 'two', 'three']);
      expect(rows.map(({ _id }) => _id)).to.deep.equal(
        [results[0], results[2], results[3]].map((r) => r?.id),
      );
    });

    it('accepts a thousand messages, and keeps the order of each recipient', async () => {
      const recipients = [aClient('to'), aClient('to'), aClient('to')];
      const messages = Array.from({ length: 1_000 }, (_, n) => ({
        from: 'clientA',
        to: recipients[n % 3],
        message: `message ${n}`,
      }));
      const results = await sendAll(messages);
      expect(results.every(({ status }) => status === 201)).to.equal(true);
      for (const to of recipients) {
        const expected = messages.filter((message) => message.to === to).map(({ message }) => message);
        const rows = await used.client.waitForRows(`/messages?to=${to}`, expected.length);
        expect(rows.map(({ message }) => message)).to.deep.equal(expected);
      }
    });

    it('stores a message with an idempotency key once, however often it is sent', async () => {
      const to = aClient('to');
      const message = { from: aClient('from'), to, message: 'once', idempotencyKey: 'the-key' };
      const [first] = await sendAll([message]);
      const again = await sendAll([message, { ...message, message: 'other' }]);
      expect(again[0]).to.deep.equal(first);
      const rows = await used.client.waitForRows(`/messages?to=${to}`, 1);
      expect(rows.map(({ _id, message: text }) => [_id, text])).to.deep.equal([[first?.id, 'once']]);
    });

    it('returns 400 for an item that is not a message or has a malformed key, and sends the others', async () => {
      const good = { from: 'clientA', to: aClient('to'), message: 'hello' };
      const results = await sendAll(['text', null, { ...good, idempotencyKey: 'with blank' }, good]);
      expect(results.map(({ status }) => status)).to.deep.equal([400, 400, 400, 201]);
      expect(results.map(({ code }) => code)).to.deep.equal([
        'malformed-message',
        'malformed-message',
        'malformed-idempotency-key',
        undefined,
      ]);
    });

    for (const [what, messages] of [
      ['no list', undefined],
      ['an empty list', []],
      ['more than a thousand', Array(1_001).fill({})],
    ] as const) {
      it(`returns 400 for ${what} as a whole`, async () => {
        const { status, body } = await post({ messages });
        expect(status).to.equal(400);
        expect(body).to.deep.include({ code: 'malformed-body' });
      });
    }

    it('has a separate limit for the size of the body', async () => {
      const messages = [{ from: 'a', to: 'b', message: 'x'.repeat(17 * 1024 * 1024) }];
      const { status, body } = await post({ messages });
      expect([status, body['code']]).to.deep.equal([413, 'body-too-large']);
    });
  });
}
