import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { EventSource } from 'eventsource';
import { InboxStreams } from '../../../../../src/adapters/http/inbox/inbox-streams.js';
import { FollowInbox } from '../../../../../src/application/inbox/follow-inbox.js';
import { eventually } from '../../../../support/eventually.js';
import { EventStream } from '../../../../support/http/event-stream.js';
import { Following } from '../../../../support/inbox/following.js';

const COMMENT_EVERY_MS = 15_000;

describe('The stream of an inbox', () => {
  let inbox: Following;
  let server: Server;
  let url: string;

  beforeEach(async () => {
    inbox = new Following();
    const { pages, watch, clock } = inbox;
    const streams = new InboxStreams(new FollowInbox(pages, watch, clock, () => 0.5), clock);
    server = createServer((_, response) => void streams.serve({ client: 'b' }, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // The server listens on a port, not on a path.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    inbox.watch.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const store = async (): Promise<void> => {
    await inbox.store(1);
    await inbox.clock.advance(0);
  };

  it('sends the reconnection time and comments at once, and blank lines only after data', async () => {
    const stream = await EventStream.open(url);
    await eventually(() => stream.retryMs === 1_000);
    for (let round = 1; round <= 2; round += 1) {
      await inbox.clock.advance(COMMENT_EVERY_MS);
      await eventually(() => stream.comments === round);
      await store();
      await stream.waitForEvents(round);
    }
    expect(stream.events.map(({ id }) => id)).to.deep.equal(['1', '2']);
    expect([stream.emptyEvents, stream.otherLines]).to.deep.equal([0, []]);
    await stream.close();
  });

  it('is read by an EventSource, which sees messages and nothing else', async () => {
    const source = new EventSource(url);
    const ids: string[] = [];
    source.onmessage = ({ data, lastEventId }) => {
      expect(JSON.parse(String(data))).to.have.property('cursor', lastEventId);
      ids.push(lastEventId);
    };
    await once(source, 'open');
    for (let round = 1; round <= 2; round += 1) {
      await inbox.clock.advance(COMMENT_EVERY_MS);
      await store();
      await eventually(() => ids.length >= round);
    }
    expect(ids).to.deep.equal(['1', '2']);
    source.close();
  });
});
