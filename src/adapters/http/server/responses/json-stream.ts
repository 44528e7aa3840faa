import type { ServerResponse } from 'node:http';
import { drainOrClose } from './drain-or-close.js';

const PIECE_LENGTH = 32 * 1024;
// A reader that takes nothing for so long is gone.
const STALLED_MS = 60_000;

export const JSON_TYPE = 'application/json; charset=utf-8';

type Headers = Readonly<Record<string, string>>;

/**
 * Answers with JSON of whatever length, as fast as the client takes it. What fails before anything was written
 * rejects with nothing written; later, whoever catches it has to cut the connection.
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

/** A JSON array in pieces. */
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
