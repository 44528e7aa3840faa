import { expect } from 'chai';
import type { NewRecord } from '../../../../src/application/ports/record-log.js';
import { aDeadLetter, aDelivery } from '../../../support/builders.js';
import { eventually } from '../../../support/eventually.js';
import { HttpSystem } from '../../../support/http/http-system.js';

const BEYOND_A_DATE = 9e18;
const LATEST = '9999-12-31T23:59:59.999Z';

function aRecord(value: object): NewRecord {
  return { key: Buffer.from('clientB'), value: Buffer.from(JSON.stringify(value)), headers: {} };
}

describe('Times beyond the range of a JavaScript date', () => {
  let system: HttpSystem;

  beforeEach(async () => {
    system = await new HttpSystem().start();
  });
  afterEach(() => system.close());

  async function read<T>(path: string): Promise<T> {
    const response = await fetch(`${system.baseUrl}${path}`);
    expect(response.status, path).to.equal(200);
    return (await response.json()) as T;
  }

  async function firstEvent(path: string): Promise<string> {
    const response = await fetch(`${system.baseUrl}${path}`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('data:')) {
      const { value, done } = await reader.read();
      if (done) break;
      text += Buffer.from(value).toString();
    }
    await reader.cancel();
    return text;
  }

  async function expectAllReadable(): Promise<void> {
    const page = await read<{ messages: { sentAt: string }[] }>('/clients/clientB/inbox?after=0');
    expect(page.messages.map(({ sentAt }) => sentAt)).to.deep.equal([LATEST]);
    expect(await firstEvent('/clients/clientB/inbox/stream?after=0')).to.include(LATEST);
    const [row] = await read<{ _id: string; send_time: string }[]>('/messages');
    expect(row?.send_time).to.equal(new Date(LATEST).toString());
    expect(await read(`/messages/${row?._id ?? ''}`)).to.have.property('sentAt', LATEST);
    const [failed] = await read<{ _id: string; failedAt: string }[]>('/failed-messages');
    expect(failed?.failedAt).to.equal(LATEST);
    expect(await read(`/failed-messages/${failed?._id ?? ''}`)).to.include({
      sentAt: LATEST,
      failedAt: LATEST,
    });
    const { groups } = await read<{ groups: { last: string }[] }>('/failed-messages/groups');
    expect(groups.map(({ last }) => last)).to.deep.equal([LATEST]);
  }

  it('leave every list, page and stream readable when other programs write such records', async () => {
    const { messages, deadLetters } = system.log;
    messages.appendRaw(aRecord({ from: 'clientA', to: 'clientB', message: 'hello' }), 0, BEYOND_A_DATE);
    deadLetters.appendRaw(aRecord({ from: 'clientA', to: 'clientC', message: 'hello' }), 0, BEYOND_A_DATE);
    await eventually(async () => (await read<object[]>('/messages')).length === 1);
    await eventually(async () => (await read<object[]>('/failed-messages')).length === 1);
    await expectAllReadable();
  });

  it('leave every list, page and stream readable if an earlier version stored them', async () => {
    const times = { sentAt: BEYOND_A_DATE, failedAt: BEYOND_A_DATE };
    await system.ledger.settle([aDelivery(times), aDeadLetter({ ...times, to: 'clientC' })]);
    await expectAllReadable();
  });

  it('leave the next page reachable if an earlier version stored them', async () => {
    const messages = [1, 2, 3].map(() => aDelivery({ sentAt: BEYOND_A_DATE }));
    await system.ledger.settle(messages);
    const seen: string[] = [];
    for (let path: string | undefined = '/messages?limit=1'; path !== undefined;) {
      const response: Response = await fetch(`${system.baseUrl}${path}`);
      expect(response.status).to.equal(200);
      seen.push(...((await response.json()) as { _id: string }[]).map(({ _id }) => _id));
      path = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(seen).to.deep.equal(messages.map(({ message }) => message.id));
  });
});
