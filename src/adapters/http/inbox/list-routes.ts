import type { Request, Response } from 'express';
import { cursorAt, type Placed } from '../../../application/inbox/list-order.js';
import { listsIn, type ListArchive } from '../../../application/inbox/own-lists.js';
import type { ListPlace, MessageQuery } from '../../../application/ports/archive.js';
import { ACTIONS, type Action } from '../../../domain/access/actions.js';
import type { View } from '../../../domain/access/grants.js';
import { JSON_TYPE, jsonArray, streamJson } from '../server/responses/json-stream.js';
import type { RawQuery } from '../server/query-parameters.js';
import { route, type Route } from '../server/route.js';
import { cursorText, parseFailureQuery, parseMessageQuery } from './list-query.js';
import { failureRow, messageRow } from './list-rows.js';

/** The rows of a list. */
interface Rows<Q, T> {
  readonly places: (query: Q) => Promise<readonly ListPlace[]>;
  readonly rows: (query: Q) => AsyncIterable<T>;
  readonly rowOf: (item: T) => object;
}

/** The parts in which the two lists differ. */
interface List<Q, T> {
  readonly path: string;
  readonly action: Action<unknown, View>;
  readonly parse: (raw: RawQuery) => Q;
  readonly rowsIn: (archive: ListArchive) => Rows<Q, T>;
}

/** The two lists: all matching rows as a stream, or with `limit` one page with a link to the next one. */
export function listRoutes(archive: ListArchive): Route[] {
  return [
    listRoute(archive, {
      path: '/messages',
      action: ACTIONS.readMessages,
      parse: parseMessageQuery,
      rowsIn: (lists) => ({
        places: (query) => lists.messagePlaces(query),
        rows: (query) => lists.messages(query),
        rowOf: messageRow,
      }),
    }),
    listRoute(archive, {
      path: '/failed-messages',
      action: ACTIONS.readFailures,
      parse: parseFailureQuery,
      rowsIn: (lists) => ({
        places: (query) => lists.failurePlaces(query),
        rows: (query) => lists.failures(query),
        rowOf: failureRow,
      }),
    }),
  ];
}

function listRoute<Q extends MessageQuery, T extends Placed>(
  archive: ListArchive,
  { path, action, parse, rowsIn }: List<Q, T>,
): Route {
  return route({
    method: 'GET',
    path,
    action,
    parse: ({ query }) => parse(query),
    handle: async (query, response, view) => {
      const list = rowsIn(listsIn(view, archive));
      const { limit } = query;
      if (limit !== undefined) {
        // One row more than the limit shows whether there is a next page.
        const places = await list.places({ ...query, limit: limit + 1 });
        await answerPage(response, list, query, places, limit);
      } else if (response.req.method === 'HEAD') {
        response.writeHead(200, { 'content-type': JSON_TYPE }).end();
      } else {
        await streamJson(response, jsonArray(rowsOf(list.rows(query), list.rowOf)));
      }
    },
  });
}

/** Writes one page. Only the places of its rows are in memory at once; the rows are read while they are written. */
async function answerPage<Q extends MessageQuery, T extends Placed>(
  response: Response,
  list: Rows<Q, T>,
  query: Q,
  places: readonly ListPlace[],
  limit: number,
): Promise<void> {
  const page = places.slice(0, limit);
  const last = places.length > limit ? page.at(-1) : undefined;
  const link = last && `<${nextUrl(response.req, cursorText(cursorAt(last, query.after)))}>; rel="next"`;
  const headers = link === undefined ? {} : { link };
  if (response.req.method === 'HEAD') {
    response.writeHead(200, { 'content-type': JSON_TYPE, ...headers }).end();
    return;
  }
  await streamJson(response, jsonArray(rowsOf(rowsAt(page, list, query), list.rowOf)), headers);
}

/** The URL of the same list with the same filters, from the cursor on. */
function nextUrl(request: Request, cursor: string): string {
  const parameters = new URLSearchParams();
  // Express's simple query parser returns a string, or an array if a parameter is repeated.
  for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>)) {
    for (const each of [value].flat()) parameters.append(name, each);
  }
  parameters.set('after', cursor);
  return `${request.baseUrl}${request.path}?${parameters.toString()}`;
}

/** Yields the rows at these places. Rows deleted since are missing, and rows added between them since are left out. */
async function* rowsAt<Q extends MessageQuery, T extends Placed>(
  places: readonly ListPlace[],
  list: Rows<Q, T>,
  query: Q,
): AsyncGenerator<T> {
  const left = new Set(places.map(({ id }) => id));
  const last = places.at(-1);
  if (last === undefined) return;
  const { limit: _limit, ...all } = query;
  // TypeScript cannot see that the query without its limit still is a Q.
  const upToLast = { ...all, until: justAfter(last.sentAt) } as Q;
  for await (const row of list.rows(upToLast)) {
    if (left.delete(row.id)) yield row;
    if (left.size === 0) return;
  }
}

/** The next larger time. Earlier versions stored times above 2^53, where adding 1 may change nothing. */
function justAfter(sentAt: number): number {
  return Math.max(sentAt + 1, sentAt * (1 + Number.EPSILON));
}

async function* rowsOf<T>(items: AsyncIterable<T>, rowOf: (item: T) => object): AsyncGenerator<object> {
  for await (const item of items) yield rowOf(item);
}
