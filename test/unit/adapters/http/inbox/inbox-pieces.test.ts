import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { InMemoryLedger } from '../../../../support/memory/in-memory-ledger.js';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import type { InboxReader } from '../../../../../src/application/ports/inbox.js';
import { aDelivery, identities } from '../../../../support/builders.js';
import { eventually } from '../../../../support/eventually.js';
import { HttpSystem, realClock } from '../../../../support/http/http-system.js';

interface Page {
  readonly messages: readonly { readonly cursor: string }[];
  readonly next: string;
  readonly unread: number;
  readonly expired?: boolean;
}

const TEXT = 'x'.repeat(10_000);

describe('A page of an inbox', () => {
  let ledger: InMemoryLedger;
  let system: HttpSystem;
  /** The number of messages that each read of whole messages returned, and a hook that runs before it. */
  let reads: number[];
  let beforeRead: (read: number) => Promise<void> | void;

  beforeEach(async () => {
    ledger = new InMemoryLedger(realClock, identities);
    reads = [];
    beforeRead = () => undefined;
    const reader: InboxReader = {
      page: async (...range) => {
        await beforeRead(reads.length);
        const messages = await ledger.page(...range);
        reads.push(messages.length);
        return messages;
      },
      numbers: (...range) => ledger.numbers(...range),
      state: (client) => ledger.state(client),
      lastNumbers: (clients) => ledger.lastNumbers(clients),
      confirmedLast: (client) => ledger.confirmedLast(client),
    };
    system = await new HttpSystem({ reader }).start();
  });

  afterEach(() => system.close());

  async function store(count: number, message = 'hello'): Promise<void> {
    await ledger.settle(Array.from({ length: count }, () => aDelivery({ to: 'b', message })));
  }

  async function read(query: string): Promise<Page> {
    return (await (await fetch(`${system.baseUrl}/clients/b/inbox?${query}`)).json()) as Page;
  }

  async function open(query: string): Promise<IncomingMessage> {
    const asking = get(`${system.baseUrl}/clients/b/inbox?${query}`);
    return ((await once(asking, 'response')) as [IncomingMessage])[0];
  }

  const cursors = ({ messages }: Page): number[] => messages.map(({ cursor }) => Number(cursor));
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, n) => from + n);

  it('returns all its messages without reading all texts at once', async () => {
    await store(1_200);
    const page = await read('after=0&limit=1000');
    expect(cursors(page)).to.deep.equal(range(1, 1_000));
    expect([page.next, page.unread, page.expired]).to.deep.equal(['1000', 1_200, undefined]);
    expect(Math.max(...reads)).to.be.below(100);
  });

  it('contains messages stored before the request, and none stored while it is written', async () => {
    await store(120);
    beforeRead = () => store(1);
    expect(cursors(await read('after=0&limit=1000'))).to.deep.equal(range(1, 120));
  });

  it('is read no faster than its client receives it', async () => {
    await store(1_000, TEXT);
    const response = await open('after=0&limit=1000');
    response.pause();
    await eventually(() => reads.length > 0);
    for (let before = 0; reads.length > before; await new Promise((resolve) => setTimeout(resolve, 50))) {
      before = reads.length;
    }
    expect(reads.length).to.be.below(20);
    response.destroy();
  });

  it('skips messages that are swept while it is written, and reports them as expired', async () => {
    await store(200);
    beforeRead = async (count) => {
      if (count === 1) await ledger.sweep(Date.now() + 1_000);
      if (count === 1) await store(3);
    };
    const page = await read('after=0&limit=1000');
    expect(cursors(page)).to.deep.equal(range(1, 50));
    expect([page.next, page.expired]).to.deep.equal(['200', true]);
    expect(cursors(await read(`after=${page.next}`))).to.deep.equal([201, 202, 203]);
  });

  it('returns 503 if the store fails before anything was written, and is cut off if it fails later', async () => {
    await store(1_000, TEXT);
    beforeRead = () => Promise.reject(new DependencyUnavailable('store', undefined));
    expect((await open('after=0&limit=1000')).resume().statusCode).to.equal(503);
    beforeRead = (count) =>
      count < 4 ? undefined : Promise.reject(new DependencyUnavailable('store', undefined));
    const response = await open('after=0&limit=1000');
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    const [error] = (await once(response, 'error')) as [Error];
    expect(error).to.have.property('code', 'ECONNRESET');
    expect(() => JSON.parse(text)).to.throw();
  });

  it('reads no text for HEAD', async () => {
    await store(100);
    const { status, headers } = await fetch(`${system.baseUrl}/clients/b/inbox?after=0`, { method: 'HEAD' });
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json; charset=utf-8']);
    expect(reads).to.deep.equal([]);
  });
});
