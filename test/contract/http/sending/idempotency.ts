import { expect } from 'chai';
import { aClient, idIn, type TextResponse, type Sendable } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

interface Result {
  readonly status: number;
  readonly id?: string;
  readonly code?: string;
}

const AS_JSON = { accept: 'application/json' };
const LONGEST_KEY = '!'.repeat(255);

/**
 * Tries a few times, because on a busy machine the look-up may time out, and the send then continues without
 * it.
 */
async function known<T>(ask: () => Promise<T>, isKnown: (answer: T) => boolean): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    if (isKnown(answer) || tries === 5) return answer;
  }
}

export function idempotencyContract(used: UsedHttp): void {
  const aMessage = () => ({ from: aClient('from'), to: aClient('to'), message: 'hello' });
  const send = (message: Sendable, key: string): Promise<TextResponse> =>
    used.client.send(message, { ...AS_JSON, 'idempotency-key': key });
  const stored = async (to: string, count = 1): Promise<string[]> =>
    (await used.client.waitForRows(`/messages?to=${to}`, count)).map(({ message }) => message);
  /**
   * Waits for a last message: messages of one recipient are stored in order, so all earlier ones are stored by then.
   */
  const allStored = async (message: ReturnType<typeof aMessage>, count: number): Promise<string[]> => {
    await used.client.send({ ...message, message: 'last' });
    return stored(message.to, count);
  };

  describe('POST /send-message with an Idempotency-Key', () => {
    it('sends one message however often it is repeated, with the key quoted or bare', async () => {
      const message = aMessage();
      const answers = await Promise.all(['key', '"key"', 'key'].map((key) => send(message, key)));
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
      expect(new Set(answers.map(idIn))).to.have.property('size', 1);
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
    });

    it('gives the same response to a hundred concurrent sends with one key', async () => {
      const message = aMessage();
      const answers = await Promise.all(Array.from({ length: 100 }, () => send(message, 'key')));
      const [id] = answers.map(idIn);
      for (const answer of answers) {
        expect([answer.status, idIn(answer)]).to.deep.equal([201, id]);
        expect(JSON.parse(answer.text)).to.include({ ...message, id, status: 'accepted' });
      }
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
    });

    it('repeats the first response once the message is stored, including the time of sending', async () => {
      const message = aMessage();
      const first = await send(message, 'key');
      await stored(message.to);
      const repeat = () => send({ ...message, message: ' hello\u0000\n' }, 'key');
      const again = await known(repeat, ({ text }) => text === first.text);
      expect([again.status, idIn(again)]).to.deep.equal([201, idIn(first)]);
      expect(JSON.parse(again.text)).to.deep.equal(JSON.parse(first.text));
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
    });

    it('returns 422 if the key is known to belong to another message, whatever differs', async () => {
      const message = aMessage();
      await send(message, 'key');
      await stored(message.to);
      const other = aClient('to');
      for (const difference of [{ message: 'other' }, { to: other }]) {
        const reuse = () => send({ ...message, ...difference }, 'key');
        const { status, text, headers } = await known(reuse, (answer) => answer.status === 422);
        expect([status, headers.get('content-type')]).to.deep.equal([422, 'application/problem+json']);
        expect(JSON.parse(text)).to.include({ status: 422, code: 'idempotency-key-reused' });
      }
      const inPlainText = () => used.client.send({ ...message, to: other }, { 'idempotency-key': 'key' });
      const plain = await known(inPlainText, ({ status }) => status === 422);
      expect([plain.status, plain.text]).to.deep.equal([422, 'Failed to create message.']);
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
      expect(await used.client.rows(`/messages?to=${other}`)).to.deep.equal([]);
    });

    it('does not use up the key if the send is invalid', async () => {
      const message = aMessage();
      expect((await send({ ...message, message: '' }, 'key')).status).to.equal(400);
      const path = `/failed-messages?from=${message.from}`;
      const [refused] = await used.client.waitForRows(path, 1);
      const answer = await send(message, 'key');
      expect(answer.status).to.equal(201);
      expect(idIn(answer)).not.to.equal(refused?._id);
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
      expect(await used.client.rows(path)).to.have.lengthOf(1);
    });

    it('keeps the keys of two senders separate, and two keys of one sender', async () => {
      const message = aMessage();
      const sends = [send(message, 'key'), send({ ...message, from: aClient('from') }, 'key')];
      const answers = await Promise.all([...sends, send(message, 'Key')]);
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
      expect(new Set(answers.map(idIn))).to.have.property('size', 3);
      expect(await stored(message.to, 3)).to.deep.equal(['hello', 'hello', 'hello']);
    });

    it('accepts keys of 255 characters', async () => {
      const message = aMessage();
      const answers = await Promise.all([send(message, LONGEST_KEY), send(message, `"${LONGEST_KEY}"`)]);
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201]);
      expect(new Set(answers.map(idIn))).to.have.property('size', 1);
    });

    for (const [what, key] of [
      ['of 256 characters', `${LONGEST_KEY}!`],
      ['of 256 characters in quotes', `"${LONGEST_KEY}!"`],
      ['that is empty', '""'],
      ['with a blank', 'a key'],
      ['with an open quote', '"key'],
      ['of other characters', 'sch\u00f6n'],
    ] as const) {
      it(`rejects a key ${what}, and sends nothing`, async () => {
        const message = aMessage();
        const { status, text } = await send(message, key);
        expect([status, JSON.parse(text)['code']]).to.deep.equal([400, 'malformed-idempotency-key']);
        expect(await allStored(message, 1)).to.deep.equal(['last']);
      });
    }
  });

  describe('POST /send-messages with idempotencyKey', () => {
    const sendAll = async (...messages: readonly object[]): Promise<readonly Result[]> => {
      const { status, text } = await used.client.request('/send-messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages }),
      });
      expect(status, text).to.equal(207);
      return (JSON.parse(text) as { results: readonly Result[] }).results;
    };

    it('gives the same message as a single send with the key, concurrently or later', async () => {
      const message = aMessage();
      const item = { ...message, idempotencyKey: 'key' };
      const [alone, batch, other] = await Promise.all([
        send(message, 'key'),
        sendAll(item, item),
        sendAll(item),
      ]);
      const expected = { status: 201, id: idIn(alone) };
      expect([...batch, ...other]).to.deep.equal([expected, expected, expected]);
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
      expect(await sendAll(item)).to.deep.equal([expected]);
    });

    it('fails only its own item with 422 if the key is known to belong to another message', async () => {
      const message = aMessage();
      await send(message, LONGEST_KEY);
      await stored(message.to);
      const item = { ...message, idempotencyKey: LONGEST_KEY };
      const free = { ...aMessage(), to: message.to, message: 'free' };
      const batch = () => sendAll({ ...item, message: 'other' }, item, { ...free, idempotencyKey: 'key' });
      const results = await known(batch, ([reused]) => reused?.status === 422);
      expect(results.map(({ status }) => status)).to.deep.equal([422, 201, 201]);
      expect(results[0]).to.include({ code: 'idempotency-key-reused' });
      expect(await stored(message.to, 2)).to.deep.equal(['hello', 'free']);
    });

    it('does not use up the key of an invalid item, and rejects a malformed key', async () => {
      const message = aMessage();
      const item = { ...message, idempotencyKey: 'key' };
      const tooLong = { ...message, idempotencyKey: `${LONGEST_KEY}!` };
      const results = await sendAll({ ...item, message: '' }, item, tooLong);
      expect(results.map(({ status, code }) => [status, code])).to.deep.equal([
        [400, 'invalid-message'],
        [201, undefined],
        [400, 'malformed-idempotency-key'],
      ]);
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
    });

    it('fails an item whose key another item of the batch uses for other content', async () => {
      const message = { ...aMessage(), idempotencyKey: 'key' };
      const results = await sendAll(message, { ...message, message: 'other' });
      expect(results.map(({ status }) => status)).to.deep.equal([201, 422]);
      expect(results[1]).to.include({ code: 'idempotency-key-reused' });
      expect(await allStored(message, 2)).to.deep.equal(['hello', 'last']);
      expect(await used.client.rows(`/failed-messages?from=${message.from}`)).to.deep.equal([]);
    });
  });
}
