import { Router, type Request, type RequestHandler, type Response } from 'express';
import { cursorAt, type Placed } from '../../../application/inbox/list-order.js';
import type { Archive, ListPlace, MessageQuery } from '../../../application/ports/inbox/archive.js';
import { JSON_TYPE, jsonArray, streamJson } from '../server/responses/json-stream.js';
import { cursorText, parseFailureQuery, parseMessageQuery } from './list-query.js';
import { failureRow, messageRow } from './list-rows.js';
import type { RawQuery } from '../server/query-parameters.js';

export type ListArchive = Pick<Archive, 'messages' | 'failures' | 'messagePlaces' | 'failurePlaces'>;

/** What one of the lists is made of. */
interface List<Q, T> {
  readonly parse: (raw: RawQuery) => Q;
  readonly places: (query: Q) => Promise<readonly ListPlace[]>;
  readonly rows: (query: Q) => AsyncIterable<T>;
  readonly rowOf: (item: T) => object;
}

/** For browsing: everything that matches, streamed; or with `limit` a page that names the next one. */
export function listRoutes(archive: ListArchive): Router {
  const router = Router();
  router.get(
    '/messages',
    listRoute({
      parse: parseMessageQuery,
      places: (query) => archive.messagePlaces(query),
      rows: (query) => archive.messages(query),
      rowOf: messageRow,
    }),
  );
  router.get(
    '/failed-messages',
    listRoute({
      parse: parseFailureQuery,
      places: (query) => archive.failurePlaces(query),
      rows: (query) => archive.failures(query),
      rowOf: failureRow,
    }),
  );
  return router;
}

function listRoute<Q extends MessageQuery, T extends Placed>(list: List<Q, T>): RequestHandler {
  return async (request, response) => {
    const query = list.parse(request.query);
    const { limit } = query;
    if (limit !== undefined) {
      // One more than asked for tells whether there is a next page.
      const places = await list.places({ ...query, limit: limit + 1 });
      await answerPage(request, response, list, query, places, limit);
    } else if (request.method === 'HEAD') {
      response.writeHead(200, { 'content-type': JSON_TYPE }).end();
    } else {
      await streamJson(response, jsonArray(rowsOf(list.rows(query), list.rowOf)));
    }
  };
}

/** Places are all of a page that is held whole: its rows are read while they are written. */
async function answerPage<Q extends MessageQuery, T extends Placed>(
  request: Request,
  response: Response,
  list: List<Q, T>,
  query: Q,
  places: readonly ListPlace[],
  limit: number,
): Promise<void> {
  const page = places.slice(0, limit);
  const last = places.length > limit ? page.at(-1) : undefined;
  const link = last && `<${nextUrl(request, cursorText(cursorAt(last, query.after)))}>; rel="next"`;
  const headers = link === undefined ? {} : { link };
  if (request.method === 'HEAD') {
    response.writeHead(200, { 'content-type': JSON_TYPE, ...headers }).end();
    return;
  }
  await streamJson(response, jsonArray(rowsOf(rowsAt(page, list, query), list.rowOf)), headers);
}

/** The same list with the same filters, from the cursor on. */
function nextUrl(request: Request, cursor: string): string {
  const parameters = new URLSearchParams();
  // The simple query parser gives texts, and lists of them where a name is repeated.
  for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>)) {
    for (const each of [value].flat()) parameters.append(name, each);
  }
  parameters.set('after', cursor);
  return `${request.baseUrl}${request.path}?${parameters.toString()}`;
}

/** The rows at these places, but for those that are gone. What has come between them since is left out. */
async function* rowsAt<Q extends MessageQuery, T extends Placed>(
  places: readonly ListPlace[],
  list: List<Q, T>,
  query: Q,
): AsyncGenerator<T> {
  const left = new Set(places.map(({ id }) => id));
  const last = places.at(-1);
  if (last === undefined) return;
  const { limit: _limit, ...all } = query;
  // Without a limit it is a query of the same kind.
  const upToLast = { ...all, until: justAfter(last.sentAt) } as Q;
  for await (const row of list.rows(upToLast)) {
    if (left.delete(row.id)) yield row;
    if (left.size === 0) return;
  }
}

/** Earlier versions stored times beyond the whole numbers that are exact. */
function justAfter(sentAt: number): number {
  return Math.max(sentAt + 1, sentAt * (1 + Number.EPSILON));
}

async function* rowsOf<T>(items: AsyncIterable<T>, rowOf: (item: T) => object): AsyncGenerator<object> {
  for await (const item of items) yield rowOf(item);
}
