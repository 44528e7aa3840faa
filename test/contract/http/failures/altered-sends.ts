import { expect } from 'chai';
import { eventually } from '../../../support/eventually.js';
import {
  aClient,
  idIn,
  type TextResponse,
  type FailureRow,
  type Sendable,
} from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

type Json = Record<string, unknown>;

/** Invalid sends that could not be recorded exactly as they were sent. */
export function alteredSendContract(used: UsedHttp): void {
  const post = (path: string, body?: unknown): Promise<TextResponse> =>
    used.client.request(path, {
      method: 'POST',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const detail = async (id: string): Promise<Json> =>
    JSON.parse((await used.client.request(`/failed-messages/${id}`)).text) as Json;
  const refused = async (send: Sendable, by: Record<string, string>): Promise<string> => {
    expect((await used.client.send(send)).status).to.equal(400);
    const query = new URLSearchParams(by).toString();
    const [row] = await used.client.waitForRows<FailureRow>(`/failed-messages?${query}`, 1);
    return row!._id;
  };

  describe('An invalid send that was recorded altered', () => {
    const sends: readonly (readonly [string, string, () => unknown])[] = [
      ['a name that is too long', 'to', () => aClient().padEnd(129, 'b')],
      ['a text that is too long', 'message', () => 'x'.repeat(used.messageMaxLength + 1)],
      ['an object', 'message', () => ({ a: 1 })],
      ['half a character', 'message', () => 'a\ud83d'],
    ];
    for (const [what, field, value] of sends) {
      it(`names the member with ${what}, and is never replayed unchanged`, async () => {
        const from = aClient();
        const send = { from, to: aClient(), message: 'hello', [field]: value() };
        const id = await refused(send, { from });
        const shown = await detail(id);
        expect(shown).to.deep.include({ altered: [field], disposition: 'refused' });
        for (const body of [undefined, { force: true }]) {
          const answer = await post(`/failed-messages/${id}/replay`, body);
          expect([answer.status, JSON.parse(answer.text).code]).to.deep.equal([409, 'needs-correction']);
        }
        const begun = await post('/replays', { filter: { from } });
        const job = begun.headers.get('location')!;
        const progress = async (): Promise<Json> => JSON.parse((await used.client.request(job)).text) as Json;
        await eventually(async () => (await progress())['state'] === 'done');
        expect(await progress()).to.include({ total: 1, published: 0, skipped: 1 });
        expect(await detail(id)).to.deep.equal(shown);
      });
    }

    it('accepts a correction only if it names each altered member', async () => {
      const from = aClient();
      const to = aClient();
      const send = { from, to: to.padEnd(129, 'b'), message: { a: 1 } };
      const id = await refused(send, { from });
      for (const [body, field] of [
        [{ to }, 'message'],
        [{ message: 'hello' }, 'to'],
      ] as const) {
        const answer = await post(`/failed-messages/${id}/replay`, body);
        expect([answer.status, JSON.parse(answer.text).code]).to.deep.equal([400, 'invalid-message']);
        expect(JSON.parse(answer.text).errors).to.deep.equal([
          { pointer: `#/${field}`, detail: `Path \`${field}\` is required.` },
        ]);
      }
      const answer = await post(`/failed-messages/${id}/replay`, { to, message: 'hello' });
      expect(answer.status, answer.text).to.equal(202);
      const [stored] = await used.client.waitForRows(`/messages?from=${from}`, 1);
      expect(stored).to.include({ _id: idIn(answer), to, message: 'hello' });
    });

    it('keeps text complete if it broke no rule, whatever sanitizing removes', async () => {
      const from = aClient();
      const to = aClient();
      const text = 'x'.repeat(used.messageMaxLength);
      const id = await refused({ from, to: 'a b', message: `\n ${text}\u0000 ` }, { from });
      expect((await post(`/failed-messages/${id}/replay`, { to })).status).to.equal(202);
      const [stored] = await used.client.waitForRows(`/messages?to=${to}`, 1);
      expect(stored?.message === text).to.equal(true);
    });

    it('can only be discarded if the sender was altered', async () => {
      const to = aClient();
      const id = await refused({ from: 7, to, message: 'hello' }, { to });
      expect(await detail(id)).to.deep.include({ from: '7', altered: ['from'] });
      for (const body of [undefined, { to, message: 'hello' }]) {
        const answer = await post(`/failed-messages/${id}/replay`, body);
        expect([answer.status, JSON.parse(answer.text).code]).to.deep.equal([409, 'not-correctable']);
      }
      expect((await post(`/failed-messages/${id}/discard`)).status).to.equal(200);
    });
  });
}
