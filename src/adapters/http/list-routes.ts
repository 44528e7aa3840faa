import { Router, type Request, type RequestHandler, type Response } from 'express';
import { cursorAt, type Placed } from '../../application/list-order.js';
import type { Archive, MessageQuery } from '../../application/ports/archive.js';
import { JSON_TYPE, jsonArray, streamJson } from './json-stream.js';
import { cursorText, parseFailureQuery, parseMessageQuery } from './list-query.js';
import { failureRow, messageRow } from './list-rows.js';
import type { RawQuery } from './query-parameters.js';

/** For browsing: everything that matches, streamed; or with `limit` a page that names the next one. */
export function listRoutes(archive: Pick<Archive, 'messages' | 'failures'>): Router {
  const router = Router();
  router.get(
    '/messages',
    listRoute(parseMessageQuery, (query) => archive.messages(query), messageRow),
  );
  router.get(
    '/failed-messages',
    listRoute(parseFailureQuery, (query) => archive.failures(query), failureRow),
  );
  return router;
}

function listRoute<Q extends MessageQuery, T extends Placed>(
  parse: (raw: RawQuery) => Q,
  list: (query: Q) => AsyncIterable<T>,
  rowOf: (item: T) => object,
): RequestHandler {
  return async (request, response) => {
    const query = parse(request.query);
    const { limit } = query;
    if (limit !== undefined) {
      // One more than asked for tells whether there is a next page.
      const items = await taken(list({ ...query, limit: limit + 1 }));
      answerPage(request, response, items, { ...query, limit }, rowOf);
    } else if (request.method === 'HEAD') {
      response.writeHead(200, { 'content-type': JSON_TYPE }).end();
    } else {
      await streamJson(response, jsonArray(rowsOf(list(query), rowOf)));
    }
  };
}

function answerPage<T extends Placed>(
  request: Request,
  response: Response,
  items: readonly T[],
  { limit, after }: MessageQuery & { readonly limit: number },
  rowOf: (item: T) => object,
): void {
  const body = JSON.stringify(items.slice(0, limit).map(rowOf));
  const last = items.length > limit ? items[limit - 1] : undefined;
  response.writeHead(200, {
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(body),
    ...(last && { link: `<${nextUrl(request, cursorText(cursorAt(last, after)))}>; rel="next"` }),
  });
  response.end(body);
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

async function taken<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* rowsOf<T>(items: AsyncIterable<T>, rowOf: (item: T) => object): AsyncGenerator<object> {
  for await (const item of items) yield rowOf(item);
}
