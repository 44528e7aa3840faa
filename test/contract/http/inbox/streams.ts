import { expect } from 'chai';
import { EventStream } from '../../../support/http/event-stream.js';
import { aClient } from '../../../support/http/http-client.js';
import { OpenApi } from '../../../support/http/http-openapi.js';
import type { UsedHttp } from '../http.contract.js';

const api = new OpenApi();

export function streamContract(used: UsedHttp): void {
  describe('GET /clients/{client}/inbox/stream', () => {
    const open: EventStream[] = [];
    const follow = async (
      to: string,
      query = '',
      headers: Record<string, string> = {},
    ): Promise<EventStream> => {
      const path = `/clients/${to}/inbox/stream${query}`;
      const stream = await EventStream.open(used.client.url(path), headers);
      open.push(stream);
      const { response } = stream;
      const answer = { method: 'GET', path, status: response.status, headers: response.headers, text: '' };
      expect(api.problemWith(answer)).to.equal(undefined);
      return stream;
    };
    const send = async (to: string, message: string): Promise<void> => {
      await used.client.send({ from: 'clientA', to, message }, { prefer: 'wait=20' });
    };
    const textsOf = (stream: EventStream): string =>
      stream.events.map(({ data }) => String(data['message'])).join(' ');

    afterEach(async () => {
      const streams = open.splice(0);
      await Promise.all(streams.map((stream) => stream.close()));
      const isDescribed = api.component('InboxMessage');
      for (const { data } of streams.flatMap(({ events }) => events))
        expect(isDescribed(data)).to.equal(true);
    });

    it('sends stored messages, then new ones, each with its cursor as the event id', async () => {
      const to = aClient();
      await send(to, '1');
      const stream = await follow(to);
      await stream.waitForEvents(1);
      await send(to, '2');
      const events = await stream.waitForEvents(2);
      expect(events.map(({ id }) => id)).to.deep.equal(['1', '2']);
      expect([stream.emptyEvents, stream.otherLines]).to.deep.equal([0, []]);
      const { id, sentAt, ...rest } = events[1]!.data;
      expect(rest).to.deep.equal({ from: 'clientA', message: '2', cursor: '2' });
      expect(id).to.match(/^[0-9a-f]{24}$/);
      expect(Number.isNaN(Date.parse(String(sentAt)))).to.equal(false);
    });

    it('sends headers that keep proxies from caching or buffering the stream', async () => {
      const { headers, status } = (await follow(aClient())).response;
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.match(/^text\/event-stream/);
      expect(headers.get('cache-control')).to.include('no-store');
      expect(headers.get('x-accel-buffering')).to.equal('no');
    });

    it('sends a message with line breaks as one event', async () => {
      const to = aClient();
      const text = 'one\ntwo\n\nthree\r\nid: 9';
      await send(to, text);
      const stream = await follow(to);
      await stream.waitForEvents(1);
      expect(textsOf(stream)).to.equal(text.replace('\r', ''));
    });

    it('starts with unread messages, or after the given cursor', async () => {
      const to = aClient();
      for (const text of ['1', '2', '3']) await send(to, text);
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ through: '1' });
      await used.client.request(`/clients/${to}/inbox/read`, { method: 'POST', headers, body });
      const [unread, start, later] = await Promise.all([
        follow(to),
        follow(to, '?after=0'),
        follow(to, '?after=2'),
      ]);
      await Promise.all([unread.waitForEvents(2), start.waitForEvents(3), later.waitForEvents(1)]);
      expect([unread, start, later].map(textsOf)).to.deep.equal(['2 3', '1 2 3', '3']);
    });

    it('resumes after Last-Event-ID, which takes precedence over the query', async () => {
      const to = aClient();
      for (const text of ['1', '2', '3']) await send(to, text);
      const stream = await follow(to, '?after=0', { 'last-event-id': '2' });
      await stream.waitForEvents(1);
      await send(to, '4');
      await stream.waitForEvents(2);
      expect(textsOf(stream)).to.equal('3 4');
    });

    it('sends every reader every message in order under load', async () => {
      const to = aClient();
      const streams = [await follow(to), await follow(to)];
      const texts = Array.from({ length: 150 }, (_, n) => String(n));
      const messages = texts.map((message) => ({ from: 'clientA', to, message }));
      const { status } = await used.client.request('/send-messages', {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ messages }),
      });
      expect(status).to.equal(207);
      for (const stream of streams) await stream.waitForEvents(150);
      expect(streams.map(textsOf)).to.deep.equal([texts.join(' '), texts.join(' ')]);
    });

    for (const [query, headers] of [
      ['?after=2', {}],
      ['?after=0', { 'last-event-id': '2' }],
    ] as const) {
      it(`returns 409 for ${query}${JSON.stringify(headers)} if the inbox ends at 1`, async () => {
        const to = aClient();
        await send(to, '1');
        for (const method of ['GET', 'HEAD']) {
          const answer = await used.client.request(`/clients/${to}/inbox/stream${query}`, {
            method,
            headers,
          });
          expect(answer.status).to.equal(409);
        }
      });
    }

    for (const [query, headers] of [
      ['?after=x', {}],
      ['?limit=1', {}],
      ['', { 'last-event-id': 'x' }],
    ] as const) {
      it(`returns 400 for ${query}${JSON.stringify(headers)}`, async () => {
        const { status } = await used.client.request(`/clients/${aClient()}/inbox/stream${query}`, {
          headers,
        });
        expect(status).to.equal(400);
      });
    }
  });
}
