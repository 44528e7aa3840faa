import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { HttpProblem } from './problem.js';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

// A code point takes up to 12 bytes, as an escaped surrogate pair.
const BYTES_PER_CODE_POINT = 12;
const BYTES_FOR_THE_REST = 4 * 1024;

/** What one message may take in a body, however it is written. */
export function bytesOfMessage(messageMaxLength: number): number {
  return BYTES_PER_CODE_POINT * messageMaxLength + BYTES_FOR_THE_REST;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a body that has to be a JSON object of at most `limit` bytes; rejects with `HttpProblem`: 415, 413, 400. */
export async function readJsonObject(request: IncomingMessage, limit: number): Promise<JsonObject> {
  checkType(request);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  return parseObject(await readBytes(request, limit));
}

/** The same where a body may be left out. */
export function readOptionalObject(request: IncomingMessage, limit: number): Promise<JsonObject> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const isEmpty = encoding === undefined && Number(length ?? 0) === 0;
  return isEmpty ? Promise.resolve({}) : readJsonObject(request, limit);
}

function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!JSON_TYPE.test(type)) throw unsupported('The body must be application/json.');
  if (!/^utf-?8$/i.test(CHARSET.exec(type)?.[1] ?? 'utf-8')) throw unsupported('The body must be in UTF-8.');
  if (encoding.toLowerCase() !== 'identity') throw unsupported('The body must not be compressed.');
}

/** What comes beyond the limit is read and dropped, or the client would not get to the answer. */
function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) reject(tooLarge(limit));
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    // Nobody is left to read the answer, but it was no defect of ours.
    request.on('error', () => {
      reject(malformed('The body ended early.'));
    });
  });
}

function parseObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw malformed('The body is not UTF-8.');
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw malformed('The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw malformed('The body is not a JSON object.');
  }
  // Just seen to be one.
  return body as JsonObject;
}

function malformed(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, code: 'malformed-body', detail });
}

function unsupported(detail: string): HttpProblem {
  return new HttpProblem({ status: 415, code: 'unsupported-media-type', detail });
}

function tooLarge(limit: number): HttpProblem {
  const detail = `The body is larger than ${String(limit)} bytes.`;
  return new HttpProblem({ status: 413, code: 'body-too-large', detail });
}
