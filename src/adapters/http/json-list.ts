import type { ServerResponse } from 'node:http';
import { roomOrEnd } from './response-room.js';

const CHUNK_LENGTH = 32 * 1024;
// A reader that takes nothing for so long is gone.
const STALLED_MS = 60_000;

export const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Answers with a JSON array of however many rows, as fast as the client takes them. What fails before anything was
 * written rejects with nothing written; later, whoever catches it has to cut the connection.
 */
export async function streamList(response: ServerResponse, rows: AsyncIterable<unknown>): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  for await (const chunk of chunksOf(rows)) {
    if (!response.headersSent) response.writeHead(200, { 'content-type': JSON_TYPE });
    const hasRoom = response.write(chunk);
    if (!hasRoom) await roomOrEnd(response);
    if (response.destroyed) return;
  }
  response.end();
}

async function* chunksOf(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  let text = '[';
  let separator = '';
  for await (const row of rows) {
    text += separator + JSON.stringify(row);
    separator = ',';
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  yield `${text}]`;
}
