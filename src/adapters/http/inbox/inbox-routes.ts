import { Router, type Request, type Response } from 'express';
import type { InboxPage } from '../../../application/inbox/inbox-pages.js';
import type { ReadInbox } from '../../../application/inbox/read-inbox.js';
import type { StoredMessage } from '../../../domain/message.js';
import { cursorOf, parseClient, parseInboxQuery, parseThrough } from './inbox-request.js';
import { inboxRow } from './inbox-row.js';
import { JSON_TYPE, jsonArray, streamJson } from '../server/responses/json-stream.js';
import type { InboxStreams } from './inbox-streams.js';
import { abortOnClose } from '../server/responses/abort-on-close.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';

const READ_BODY_BYTES = 1_024;

type ClientRequest = Request<{ readonly client: string }>;

/** Serves a client's inbox: pages with long polling, the live stream, and the read position. */
export function inboxRoutes(
  inbox: Pick<ReadInbox, 'page' | 'messages' | 'markRead'>,
  streams: InboxStreams,
  bodies: RequestBodies,
): Router {
  const router = Router();
  router.get('/clients/:client/inbox', async (request: ClientRequest, response) => {
    const client = parseClient(request.params.client);
    const { wait, ...range } = parseInboxQuery(request.query);
    const signal = abortOnClose(response);
    const page = await inbox.page({ client, ...range, waitMs: wait * 1_000, signal });
    if (request.method === 'HEAD') response.writeHead(200, { 'content-type': JSON_TYPE }).end();
    else await streamJson(response, pageText(page, inbox.messages(client, page)));
  });
  router.get('/clients/:client/inbox/stream', (request: ClientRequest, response: Response) =>
    streams.serve(request, response),
  );
  router.post('/clients/:client/inbox/read', async (request: ClientRequest, response) => {
    const client = parseClient(request.params.client);
    const through = parseThrough(await bodies.readObject({ request, response, limit: READ_BODY_BYTES }));
    await inbox.markRead(client, through);
    response.writeHead(204).end();
  });
  return router;
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
  const expired = page.expired || written < page.messages.length;
  const rest = { next: cursorOf(page.next), unread: page.unread, ...(expired && { expired }) };
  yield `,${JSON.stringify(rest).slice(1)}`;
}
