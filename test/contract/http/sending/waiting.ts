import { expect } from 'chai';
import { aClient, idIn } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

export function waitingContract(used: UsedHttp): void {
  describe('POST /send-message with Prefer: wait', () => {
    const aMessage = () => ({ from: aClient('from'), to: aClient('to'), message: 'hello' });

    it('returns 201 when the message is in its inbox', async () => {
      const message = aMessage();
      const { status, text, headers } = await used.client.send(message, { prefer: 'wait=20' });
      expect([status, text, headers.get('preference-applied')]).to.deep.equal([
        201,
        'message created.',
        'wait=20',
      ]);
      const rows = await used.client.rows(`/messages?to=${message.to}`);
      expect(rows.map((row) => row.message)).to.deep.equal(['hello']);
    });

    it('says in JSON that the message is stored', async () => {
      const headers = { prefer: 'respond-async, wait=20', accept: 'application/json' };
      const { text } = await used.client.send(aMessage(), headers);
      expect(JSON.parse(text)).to.include({ status: 'stored' });
    });

    it('caps the wait at 30 s', async () => {
      const { headers } = await used.client.send(aMessage(), { prefer: 'wait=31' });
      expect(headers.get('preference-applied')).to.equal('wait=30');
    });

    for (const prefer of ['wait=', 'wait=soon', 'return=minimal', 'wait=-1']) {
      it(`ignores "${prefer}"`, async () => {
        const { status, text, headers } = await used.client.send(aMessage(), { prefer });
        expect([status, text]).to.deep.equal([201, 'message created.']);
        expect(headers.has('preference-applied')).to.equal(false);
      });
    }

    it('answers many concurrent waits for one inbox, each separately', async () => {
      const to = aClient();
      const sends = Array.from({ length: 40 }, (_, n) =>
        used.client.send({ from: 'clientA', to, message: String(n) }, { prefer: 'wait=20' }),
      );
      const answers = await Promise.all(sends);
      expect(answers.map(({ status }) => status)).to.deep.equal(sends.map(() => 201));
      expect(new Set(answers.map(idIn))).to.have.property('size', 40);
    });

    it('answers at once if the message is already stored', async () => {
      const message = aMessage();
      const headers = { prefer: 'wait=20', 'idempotency-key': 'key' };
      const first = await used.client.send(message, headers);
      const second = await used.client.send(message, headers);
      expect([second.status, idIn(second)]).to.deep.equal([201, idIn(first)]);
    });

    it('rejects invalid messages as usual', async () => {
      const { status, text } = await used.client.send({}, { prefer: 'wait=20' });
      expect([status, text]).to.deep.equal([400, 'Failed to create message.']);
    });
  });
}
