import type { InboxPage } from '../../../application/inbox/inbox-pages.js';
import type { ReadInbox } from '../../../application/inbox/read-inbox.js';
import { ACTIONS } from '../../../domain/access/actions.js';
import type { StoredMessage } from '../../../domain/message.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { abortOnClose } from '../server/responses/abort-on-close.js';
import { JSON_TYPE, jsonArray, streamJson } from '../server/responses/json-stream.js';
import { route, type Route } from '../server/route.js';
import { cursorOf, parseClient, parseInboxQuery, parseStreamStart, parseThrough } from './inbox-request.js';
import { inboxRow } from './inbox-row.js';
import type { InboxStreams } from './inbox-streams.js';

const READ_BODY_BYTES = 1_024;

/** A client's inbox: pages with long polling, the live stream, and the read position. */
export function inboxRoutes(
  inbox: Pick<ReadInbox, 'page' | 'messages' | 'markRead'>,
  streams: InboxStreams,
  bodies: RequestBodies,
): Route[] {
  return [
    route({
      method: 'GET',
      path: '/clients/:client/inbox',
      action: ACTIONS.readInbox,
      parse: ({ params, query }) => ({ client: parseClient(params.client), ...parseInboxQuery(query) }),
      handle: async ({ wait, ...query }, response) => {
        const page = await inbox.page({ ...query, waitMs: wait * 1_000, signal: abortOnClose(response) });
        if (response.req.method === 'HEAD') response.writeHead(200, { 'content-type': JSON_TYPE }).end();
        else await streamJson(response, pageText(page, inbox.messages(query.client, page)));
      },
    }),
    route({
      method: 'GET',
      path: '/clients/:client/inbox/stream',
      action: ACTIONS.readInbox,
      parse: ({ params, query, headers }) => ({
        client: parseClient(params.client),
        ...parseStreamStart(query, headers['last-event-id']),
      }),
      handle: (start, response) => streams.serve(start, response),
    }),
    route({
      method: 'POST',
      path: '/clients/:client/inbox/read',
      action: ACTIONS.markRead,
      parse: async (request, response) => {
        const client = parseClient(request.params.client);
        const body = await bodies.readObject({ request, response, limit: READ_BODY_BYTES });
        return { client, through: parseThrough(body) };
      },
      handle: async ({ client, through }, response) => {
        await inbox.markRead(client, through);
        response.writeHead(204).end();
      },
    }),
  ];
}

/** Writes the page. It also reports `expired` if the sweep removed some of its messages in the meantime. */
async function* pageText(page: InboxPage, messages: AsyncIterable<StoredMessage>): AsyncGenerator<string> {
  let written = 0;
  async function* rows(): AsyncGenerator<object> {
    for await (const message of messages) {
      written += 1;
      yield inboxRow(message);
    }
  }
  yield '{"messages":';
  yield* jsonArray(rows());
  const expired = page.expired || written < page.messages.length || undefined;
  const rest = { next: cursorOf(page.next), unread: page.unread, expired };
  yield `,${JSON.stringify(rest).slice(1)}`;
}
