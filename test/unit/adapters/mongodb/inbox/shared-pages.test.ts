import { expect } from 'chai';
import fc from 'fast-check';
import { SharedPages, type PageRequest } from '../../../../../src/adapters/mongodb/inbox/shared-pages.js';
import type { StoredMessage } from '../../../../../src/domain/message.js';

/** Inboxes in memory, and the queries that read them. */
class Inboxes {
  readonly queries: (readonly PageRequest[])[] = [];
  failure: Error | undefined;
  private readonly messages: StoredMessage[] = [];

  readonly pages = new SharedPages({
    page: (request) => this.find([request], (message) => message.to === request.client, request.limit),
    ranges: (requests) =>
      this.find(requests, (message) =>
        requests.some(({ client, after, limit }) => message.to === client && message.number <= after + limit),
      ),
  });

  store(to: string, ...numbers: readonly number[]): void {
    for (const number of numbers) {
      const id = `${to}-${String(number)}`;
      const fields = { id, from: 'sender', to, message: id, sentAt: 1, storedAt: 1, content: id };
      this.messages.push({ ...fields, number });
    }
  }

  async page(client: string, after: number, limit: number): Promise<readonly number[]> {
    return (await this.pages.page({ client, after, limit })).map(({ number }) => number);
  }

  private find(
    requests: readonly PageRequest[],
    isFound: (message: StoredMessage) => boolean,
    limit = Infinity,
  ): Promise<readonly StoredMessage[]> {
    this.queries.push(requests);
    if (this.failure) return Promise.reject(this.failure);
    const isAfter = ({ to, number }: StoredMessage): boolean =>
      requests.some(({ client, after }) => client === to && number > after);
    const found = this.messages.filter((message) => isAfter(message) && isFound(message));
    return Promise.resolve(
      limit === Infinity
        ? // A query without an order returns the rows as its index scans end.
          found.reverse()
        : found.sort((first, second) => first.number - second.number).slice(0, limit),
    );
  }
}

describe('Shared pages', () => {
  let inboxes: Inboxes;

  beforeEach(() => {
    inboxes = new Inboxes();
    inboxes.store('alice', 1, 2, 3);
    inboxes.store('bob', 1, 2);
  });

  it('reads the pages of several inboxes with one query', async () => {
    const pages = await Promise.all([inboxes.page('alice', 1, 10), inboxes.page('bob', 0, 1)]);
    expect(pages).to.deep.equal([[2, 3], [1]]);
    expect(inboxes.queries).to.have.lengthOf(1);
  });

  it('reads a page that many readers request once', async () => {
    const pages = await Promise.all(Array.from({ length: 1_000 }, () => inboxes.page('alice', 2, 100)));
    expect(pages.every((page) => page.join() === '3')).to.equal(true);
    expect(inboxes.queries).to.have.lengthOf(1);
  });

  it('does not join a query that has begun', async () => {
    const first = inboxes.page('alice', 0, 10);
    await new Promise((resolve) => setImmediate(resolve));
    inboxes.store('alice', 4);
    expect(await inboxes.page('alice', 0, 10)).to.deep.equal([1, 2, 3, 4]);
    expect(await first).to.deep.equal([1, 2, 3]);
  });

  it('splits pages of many rows over several queries', async () => {
    const pages = Array.from({ length: 25 }, (_, at) => inboxes.page(`client-${String(at)}`, 0, 100));
    await Promise.all(pages);
    const shared = inboxes.queries.filter(({ length }) => length > 1);
    expect(shared.map(({ length }) => length)).to.deep.equal([10, 10, 5]);
  });

  it('finds messages after numbers that were swept', async () => {
    inboxes.store('carol', 500, 501);
    const pages = await Promise.all([inboxes.page('carol', 20, 10), inboxes.page('bob', 0, 10)]);
    expect(pages).to.deep.equal([
      [500, 501],
      [1, 2],
    ]);
  });

  it('rejects every page of a query that fails, and reads again for the next ones', async () => {
    inboxes.failure = new Error('no primary');
    const failed = await Promise.allSettled([inboxes.page('alice', 0, 10), inboxes.page('bob', 0, 10)]);
    expect(failed.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    inboxes.failure = undefined;
    expect(await inboxes.page('alice', 0, 10)).to.deep.equal([1, 2, 3]);
  });

  it('returns the same pages as one query each', async () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
    const client = fc.constantFrom('alice', 'bob', 'carol');
    const request = fc.record({
      client,
      after: fc.integer({ min: 0, max: 30 }),
      limit: fc.integer({ min: 1, max: 12 }),
    });
    const property = fc.asyncProperty(
      fc.record({ alice: numbers, bob: numbers, carol: numbers }),
      fc.array(request, { maxLength: 8 }),
      async (stored, requests) => {
        const filled = new Inboxes();
        for (const [name, own] of Object.entries(stored)) filled.store(name, ...own);
        const pages = await Promise.all(
          requests.map(({ client: name, after, limit }) => filled.page(name, after, limit)),
        );
        requests.forEach(({ client: name, after, limit }, at) => {
          // A reader takes only the messages before a gap, so a page may end at one.
          const whole = stored[name].filter((number) => number > after).sort((one, other) => one - other);
          const page = pages[at] ?? [];
          expect(page).to.deep.equal(whole.slice(0, page.length));
          expect(page.length).to.be.at.least(Math.min(limit, beforeGap(whole)));
        });
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});

/** Counts the numbers up to the first gap. */
function beforeGap(numbers: readonly number[]): number {
  const end = numbers.findIndex((number, at) => number !== (numbers[0] ?? 0) + at);
  return end < 0 ? numbers.length : end;
}
