import { expect } from 'chai';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { aClient, idIn, type FailureRow } from '../../../support/http/http-client.js';
import type { HttpFeatures, UsedHttp } from '../http.contract.js';

interface MessageStatus {
  readonly status: string;
  readonly events: readonly { readonly at: string; readonly event: string; readonly note?: string }[];
}

export function messageStatusContract(used: UsedHttp, { amends }: HttpFeatures): void {
  describe('GET /messages/{id}', () => {
    const statusOf = async (id: string): Promise<MessageStatus> => {
      const { status, text } = await used.client.request(`/messages/${id}`);
      expect(status, text).to.equal(200);
      return JSON.parse(text) as MessageStatus;
    };
    const eventsOf = ({ events }: MessageStatus): string => events.map(({ event }) => event).join(' ');
    const stored = async (to: string): Promise<string> =>
      idIn(await used.client.send({ from: 'clientA', to, message: 'hello' }, { prefer: 'wait=20' }));
    const failed = async (): Promise<string> => {
      const from = aClient();
      await used.client.send({ from, to: 'clientB' });
      const [row] = await used.client.waitForRows<FailureRow>(`/failed-messages?from=${from}`, 1);
      return row!._id;
    };

    it('returns 404 not-known-yet with Retry-After for an unknown id', async () => {
      const { status, text, headers } = await used.client.request(`/messages/${'a'.repeat(24)}`);
      expect([status, headers.get('retry-after')]).to.deep.equal([404, '1']);
      expect(JSON.parse(text)).to.include({ code: 'not-known-yet' });
    });

    for (const id of ['what', 'A'.repeat(24), 'a'.repeat(23)]) {
      it(`returns 404 not-found for ${id}, which is not a valid id`, async () => {
        const { status, text } = await used.client.request(`/messages/${id}`);
        expect([status, JSON.parse(text).code]).to.deep.equal([404, 'not-found']);
      });
    }

    it('says when a stored message was sent and stored', async () => {
      const to = aClient();
      const id = await stored(to);
      const life = await statusOf(id);
      expect(life).to.include({ id, from: 'clientA', to, message: 'hello', status: 'stored' });
      expect(life).to.include({ attempts: 1, failures: 0, replays: 0 });
      expect(eventsOf(life)).to.equal('sent stored');
      expect(life).to.have.property('storedAt', life.events[1]!.at);
    });

    it('says whether the recipient has read the message', async () => {
      const to = aClient();
      const [first, second] = [await stored(to), await stored(to)];
      await used.client.request(`/clients/${to}/inbox/read`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ through: '1' }),
      });
      expect(eventsOf(await statusOf(first))).to.equal('sent stored read');
      expect((await statusOf(first)).status).to.equal('read');
      expect((await statusOf(second)).status).to.equal('stored');
    });

    it('says why a message failed', async () => {
      const life = await statusOf(await failed());
      expect(life).to.include({ status: 'failed', attempts: 0, failures: 1 });
      expect(eventsOf(life)).to.equal('sent failed');
      expect(life.events[1]!.note).to.match(/^Message validation failed: /);
    });

    const changes: readonly (readonly [string, Partial<FailedMessage>])[] = [
      ['replaying', { state: 'replaying', replays: 1 }],
      ['replaying', { state: 'correcting' }],
      ['discarded', { state: 'discarded' }],
      ['superseded', { state: 'resolved', resolution: 'superseded' }],
    ];
    for (const [status, change] of amends ? changes : []) {
      it(`reports a failure that is ${change.resolution ?? change.state!} as ${status}`, async () => {
        const id = await failed();
        const history = [{ at: 1_700_000_000_000, event: 'changed', by: 'operator', note: 'why' }];
        const event = { ...history[0]!, at: '2023-11-14T22:13:20.000Z' };
        await used.amend!(id, (failure) => ({
          ...failure,
          ...change,
          history: [...failure.history, ...history],
        }));
        const life = await statusOf(id);
        expect(life.status).to.equal(status);
        expect(life.events.at(-1)).to.deep.equal(event);
      });
    }
  });
}
