import { expect } from 'chai';
import { aClient, type FailureRow, type MessageRow } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

export function listContract(used: UsedHttp): void {
  describe('GET /messages', () => {
    const [alice, bob, carol] = [aClient('alice'), aClient('bob'), aClient('carol')];
    const texts = async (path: string): Promise<string[]> =>
      (await used.client.rows(path)).map(({ message }) => message);

    before(async () => {
      for (let n = 0; n < 25; n += 1) await used.client.send({ from: alice, to: bob, message: `a${n}` });
      await used.client.send({ from: carol, to: bob, message: 'from carol' });
      // Messages that several recipients get in the same millisecond are not listed in the order of sending.
      await new Promise((resolve) => setTimeout(resolve, 5));
      await used.client.send({ from: alice, to: carol, message: 'to carol' });
      await used.client.waitForRows(`/messages?to=${bob}`, 26);
      await used.client.waitForRows(`/messages?to=${carol}`, 1);
    });

    it('filters by sender and by recipient, oldest first', async () => {
      const sent = Array.from({ length: 25 }, (_, n) => `a${n}`);
      expect(await texts(`/messages?from=${alice}&to=${bob}`)).to.deep.equal(sent);
      expect(await texts(`/messages?from=${alice}`)).to.deep.equal([...sent, 'to carol']);
      expect(await texts(`/messages?to=${bob}`)).to.deep.equal([...sent, 'from carol']);
    });

    it("lists everything without a filter, each recipient's messages in order", async () => {
      const theirs = (await used.client.rows('/messages')).filter(
        ({ from }) => from === carol || from === alice,
      );
      expect(theirs).to.have.lengthOf(27);
      expect(theirs.at(-1)?.message).to.equal('to carol');
    });

    it('returns an empty array if nothing matches', async () => {
      const { status, text } = await used.client.request(`/messages?from=${aClient()}`);
      expect([status, text]).to.deep.equal([200, '[]']);
    });

    it('returns each row once over pages linked by the Link header, and keeps the filters', async () => {
      const pages: MessageRow[][] = [];
      let path: string | undefined = `/messages?limit=10&from=${alice}&to=${bob}`;
      while (path !== undefined) {
        const { text, headers } = await used.client.request(path);
        pages.push(JSON.parse(text));
        path = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      }
      expect(pages.map((page) => page.length)).to.deep.equal([10, 10, 5]);
      expect(pages.flat()).to.deep.equal(await used.client.rows(`/messages?from=${alice}&to=${bob}`));
    });

    it('has no next page if the last page is exactly full', async () => {
      const { headers } = await used.client.request(`/messages?limit=25&from=${alice}&to=${bob}`);
      expect(headers.has('link')).to.equal(false);
    });

    it('accepts a cursor without a limit', async () => {
      const { headers } = await used.client.request(`/messages?from=${alice}&limit=24`);
      const next = /after=([^&>]+)/.exec(headers.get('link') ?? '')?.[1] ?? '';
      expect(await texts(`/messages?from=${alice}&after=${next}`)).to.deep.equal(['a24', 'to carol']);
    });

    it('filters by time', async () => {
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
      expect(await texts(`/messages?from=${alice}&since=${tomorrow}`)).to.deep.equal([]);
      expect(await texts(`/messages?from=${alice}&until=${tomorrow}&since=2020-01-01`)).to.have.lengthOf(26);
      expect(await texts(`/messages?from=${alice}&until=2020-01-01T00:00:00%2B02:00`)).to.deep.equal([]);
    });

    const wrong: readonly (readonly [string, string])[] = [
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['limit=x', 'limit'],
      ['limit=', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['after=x', 'after'],
      ['since=yesterday', 'since'],
      ['since=2024-13-01', 'since'],
      ['until=2024-01-01T00:00:00', 'until'],
      ['from=client%20A', 'from'],
      ['to=', 'to'],
      ['state=unresolved', 'state'],
      ['form=clientA', 'form'],
    ];
    for (const [query, parameter] of wrong) {
      it(`returns 400 for ${query}, and names the parameter`, async () => {
        const { status, headers, text } = await used.client.request(`/messages?${query}`);
        const problem = JSON.parse(text);
        expect(status).to.equal(400);
        expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
        expect(problem).to.include({ status: 400, code: 'invalid-parameter' });
        expect(problem.errors).to.have.lengthOf(1);
        expect(problem.errors[0])
          .to.include({ parameter })
          .and.to.have.property('detail')
          .that.is.a('string');
      });
    }

    it('names all invalid parameters at once', async () => {
      const { text } = await used.client.request('/messages?limit=0&since=x&colour=red');
      const names = JSON.parse(text).errors.map((error: { parameter: string }) => error.parameter);
      expect(names).to.have.members(['limit', 'since', 'colour']);
    });

    it('answers HEAD without a body', async () => {
      const { status, text, headers } = await used.client.request('/messages', { method: 'HEAD' });
      expect([status, text]).to.deep.equal([200, '']);
      expect(headers.get('content-type')).to.match(/^application\/json/);
    });

    it('sends a list that is larger than memory should hold in chunks', async () => {
      const { headers } = await used.client.request('/messages');
      expect(headers.get('transfer-encoding')).to.equal('chunked');
      expect(headers.has('etag')).to.equal(false);
    });
  });

  describe('GET /failed-messages', () => {
    const alice = aClient('alice');
    const list = (query: string): Promise<FailureRow[]> =>
      used.client.rows<FailureRow>(`/failed-messages?from=${alice}${query}`);

    before(async () => {
      for (const message of ['', 7, null]) await used.client.send({ from: alice, to: 'clientB', message });
      await used.client.waitForRows(`/failed-messages?from=${alice}`, 3);
    });

    it('returns each failure in the original format, followed by additional members', async () => {
      const [row] = await list('&limit=1');
      expect(Object.keys(row!).slice(0, 8)).to.deep.equal([
        '_id',
        'from',
        'to',
        'message',
        'reason',
        'failedAt',
        'send_time',
        '__v',
      ]);
      expect(row).to.include({ from: alice, to: 'clientB', message: '', __v: 0 });
    });

    it('lists unresolved failures by default, or those in the requested states', async () => {
      const counts: Record<string, number> = {
        '': 3,
        '&state=unresolved': 3,
        '&state=resolved': 0,
        '&state=resolved,unresolved': 3,
        '&state=resolved&state=discarded': 0,
        '&state=replaying,resolved&state=unresolved,discarded': 3,
      };
      for (const [query, count] of Object.entries(counts))
        expect(await list(query), query).to.have.lengthOf(count);
    });

    it('filters by code, recipient and time', async () => {
      expect(await list('&code=invalid-message&to=clientB&since=2020-01-01')).to.have.lengthOf(3);
      expect(await list('&code=undecodable')).to.deep.equal([]);
      expect(await list('&to=clientC')).to.deep.equal([]);
      expect(await list('&until=2020-01-01')).to.deep.equal([]);
    });

    it('keeps repeated filters across pages', async () => {
      const path = `/failed-messages?from=${alice}&state=unresolved&state=resolved&limit=2`;
      const { headers } = await used.client.request(path);
      const next = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
      expect(await used.client.rows(next)).to.have.lengthOf(1);
    });

    for (const query of [
      'state=lost',
      'state=',
      'code=No%20Code',
      'code=',
      'group=x',
      'states=unresolved',
      'limit=-1',
    ]) {
      it(`returns 400 for ${query}, and names the parameter`, async () => {
        const { status, text } = await used.client.request(`/failed-messages?${query}`);
        expect(status).to.equal(400);
        expect(JSON.parse(text).errors[0].parameter).to.equal(query.split('=')[0]);
      });
    }
  });
}
