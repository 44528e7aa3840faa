import { Router, type Request, type Response } from 'express';
import type { ReadInbox } from '../../application/inbox/read-inbox.js';
import { cursorOf, parseClient, parseInboxQuery, parseThrough } from './inbox-request.js';
import { inboxRow } from './inbox-row.js';
import type { InboxStreams } from './inbox-streams.js';
import { leavingOf } from './leaving.js';
import type { RequestBodies } from './request-bodies.js';

const READ_BODY_BYTES = 1_024;

type ClientRequest = Request<{ readonly client: string }>;

/** A client's inbox: page by page, waiting for what comes, live, and how far it has been read. */
export function inboxRoutes(inbox: ReadInbox, streams: InboxStreams, bodies: RequestBodies): Router {
  const router = Router();
  router.get('/clients/:client/inbox', async (request: ClientRequest, response) => {
    const client = parseClient(request.params.client);
    const { wait, ...range } = parseInboxQuery(request.query);
    const signal = leavingOf(response);
    const page = await inbox.page({ client, ...range, waitMs: wait * 1_000, signal });
    const { messages, next, unread, expired } = page;
    response.json({
      messages: messages.map((message) => inboxRow(message)),
      next: cursorOf(next),
      unread,
      ...(expired && { expired }),
    });
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
