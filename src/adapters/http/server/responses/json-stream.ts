import type { ServerResponse } from 'node:http';
import { drainOrClose } from './drain-or-close.js';

const PIECE_LENGTH = 32 * 1024;
// A connection without progress for this long is cut.
const STALLED_MS = 60_000;

export const JSON_TYPE = 'application/json; charset=utf-8';

type Headers = Readonly<Record<string, string>>;

/**
 * Streams JSON of any length as fast as the client reads it. If the source fails before the first write, nothing has
 * been written and the caller can still answer; after that the caller must destroy the response.
 */
export async function streamJson(
  response: ServerResponse,
  texts: AsyncIterable<string>,
  headers: Headers = {},
): Promise<void> {
  const head = { 'content-type': JSON_TYPE, ...headers };
  response.setTimeout(STALLED_MS, () => response.destroy());
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    if (!response.headersSent) response.writeHead(200, head);
    const hasRoom = response.write(piece);
    piece = '';
    if (!hasRoom) await drainOrClose(response);
    if (response.destroyed) return;
  }
  if (!response.headersSent) response.writeHead(200, { ...head, 'content-length': Buffer.byteLength(piece) });
  response.end(piece);
}

/** Serializes rows as a JSON array, in pieces. */
export async function* jsonArray(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  let text = '[';
  let separator = '';
  for await (const row of rows) {
    text += separator + JSON.stringify(row);
    separator = ',';
    if (text.length < PIECE_LENGTH) continue;
    yield text;
    text = '';
  }
  yield `${text}]`;
}
