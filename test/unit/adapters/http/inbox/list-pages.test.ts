import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { InMemoryLedger } from '../../../../support/memory/in-memory-ledger.js';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import type { Archive } from '../../../../../src/application/ports/archive.js';
import { aDeadLetter, aDelivery, anId, identities } from '../../../../support/builders.js';
import { eventually } from '../../../../support/eventually.js';
import { HttpSystem, realClock } from '../../../../support/http/http-system.js';

const TEXT = 'x'.repeat(10_000);

describe('A page of a list', () => {
  let ledger: InMemoryLedger;
  let system: HttpSystem;
  /** Rows that were read with their content. */
  let read: number;
  let ended: boolean;
  /** Runs between the query for places and that for rows. */
  let meanwhile: () => unknown;
  /** Runs before each row is returned. */
  let beforeRow: () => void;

  async function* watched<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      for await (const row of rows) {
        beforeRow();
        read += 1;
        yield row;
      }
    } finally {
      ended = true;
    }
  }

  beforeEach(async () => {
    ledger = new InMemoryLedger(realClock, identities);
    [read, ended, meanwhile, beforeRow] = [0, false, () => undefined, () => undefined];
    const archive: Archive = {
      messages: (query) => watched(ledger.messages(query)),
      failures: (query) => watched(ledger.failures(query)),
      messagePlaces: async (query) => {
        const places = await ledger.messagePlaces(query);
        await meanwhile();
        return places;
      },
      failurePlaces: async (query) => {
        const places = await ledger.failurePlaces(query);
        await meanwhile();
        return places;
      },
      find: (id) => ledger.find(id),
      conflicts: (id) => ledger.conflicts(id),
      known: (ids) => ledger.known(ids),
      summary: () => ledger.summary(),
    };
    system = await new HttpSystem({ archive }).start();
  });

  afterEach(() => system.close());

  const settle = (count: number, parts: Parameters<typeof aDelivery>[0] = {}): Promise<unknown> =>
    ledger.settle(Array.from({ length: count }, (_, n) => aDelivery({ sentAt: 1_000 + n, ...parts })));

  async function page(path: string): Promise<{ texts: string[]; next: string | undefined }> {
    const response = await fetch(`${system.baseUrl}${path}`);
    const rows = (await response.json()) as { message: string }[];
    const next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    return { texts: rows.map(({ message }) => message), next };
  }

  async function open(path: string): Promise<IncomingMessage> {
    return ((await once(get(`${system.baseUrl}${path}`), 'response')) as [IncomingMessage])[0];
  }

  it('is read no faster than its client receives it, and not after the client has left', async () => {
    await settle(1_000, { message: TEXT });
    const response = await open('/messages?limit=900');
    expect(response.headers.link).to.match(/rel="next"/);
    response.pause();
    await eventually(() => read > 10);
    for (let before = 0; read > before; await new Promise((resolve) => setTimeout(resolve, 50))) {
      before = read;
    }
    expect(read).to.be.below(800);
    response.destroy();
    await eventually(() => ended);
  });

  it('reads nothing after its last row, even if many rows have the same time', async () => {
    await settle(500, { sentAt: 1_000 });
    const { next } = await page('/messages?limit=20');
    expect([read, ended]).to.deep.equal([20, true]);
    await page(next ?? '');
    expect([read, ended]).to.deep.equal([40, true]);
  });

  for (const [path, entry] of [
    ['/messages', aDelivery],
    ['/failed-messages', aDeadLetter],
  ] as const) {
    const store = (message: string, sentAt: number): Promise<unknown> =>
      ledger.settle([entry({ message, sentAt, id: anId() })]);

    it(`of ${path} omits rows that are inserted while it is read, and loses no other row`, async () => {
      for (const [message, sentAt] of [
        ['1', 1_000],
        ['2', 2_000],
        ['3', 3_000],
      ] as const)
        await store(message, sentAt);
      meanwhile = () => store('late', 1_500);
      const first = await page(`${path}?limit=2`);
      meanwhile = () => undefined;
      expect(first.texts).to.deep.equal(['1', '2']);
      expect((await page(first.next ?? '')).texts).to.deep.equal(['3']);
    });
  }

  it('skips rows that are swept while it is read, and still links to the next page', async () => {
    await settle(5, { to: 'b' });
    meanwhile = async () => {
      await ledger.sweep(Date.now() + 1_000);
      await ledger.settle([aDelivery({ message: 'new', sentAt: 9_000 })]);
    };
    const first = await page('/messages?limit=3');
    meanwhile = () => undefined;
    expect([first.texts, read]).to.deep.equal([[], 0]);
    expect((await page(first.next ?? '')).texts).to.deep.equal(['new']);
  });

  it('returns 503 if the store fails before anything was written, and is cut off if it fails later', async () => {
    await settle(100, { message: TEXT });
    meanwhile = () => Promise.reject(new DependencyUnavailable('store', undefined));
    expect((await open('/messages?limit=50')).resume().statusCode).to.equal(503);
    meanwhile = () => undefined;
    beforeRow = () => {
      if (read === 40) throw new DependencyUnavailable('store', undefined);
    };
    const response = await open('/messages?limit=50');
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    const [error] = (await once(response, 'error')) as [Error];
    expect(error).to.have.property('code', 'ECONNRESET');
    expect(() => JSON.parse(text)).to.throw();
  });

  it('has a Link header and reads no row for HEAD', async () => {
    await settle(5);
    const { status, headers } = await fetch(`${system.baseUrl}/messages?limit=3`, { method: 'HEAD' });
    expect([status, headers.get('link')?.includes('rel="next"'), read]).to.deep.equal([200, true, 0]);
  });
});
