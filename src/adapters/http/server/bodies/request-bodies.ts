import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../../application/ports/clock.js';
import type { BodyMemory } from './body-memory.js';
import { BodyReading, type BodyRequest } from './body-reading.js';
import { BodyStalls } from './body-stalls.js';
import { HttpProblem, malformedBody } from '../problem.js';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads request bodies. A body's share of the memory is released when its request has been answered. Reading rejects
 * with the request's `rejection`, or with `HttpProblem`: 400, 408, 413, 415, or 503 if the memory is full.
 */
export class RequestBodies {
  private readonly stalls: BodyStalls;

  constructor(
    private readonly memory: BodyMemory,
    clock: Pick<Clock, 'after'>,
  ) {
    this.stalls = new BodyStalls(clock);
  }

  /** Reads a body that must be a JSON object. */
  async readObject(body: BodyRequest): Promise<JsonObject> {
    const reading = new BodyReading(body, this.memory, this.stalls);
    const rejection = typeProblem(body.request) ?? body.rejection;
    if (rejection) reading.rejectWith(rejection);
    return parseObject(await reading.bytes);
  }

  /** Reads a JSON object; an absent body counts as an empty object. */
  readOptionalObject(body: BodyRequest): Promise<JsonObject> {
    const { 'content-length': length, 'transfer-encoding': encoding } = body.request.headers;
    const isEmpty = encoding === undefined && Number(length ?? 0) === 0;
    return isEmpty ? Promise.resolve({}) : this.readObject(body);
  }
}

function typeProblem({ headers }: IncomingMessage): HttpProblem | undefined {
  const type = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!JSON_TYPE.test(type)) return unsupported('The body must be application/json.');
  if (!/^utf-?8$/i.test(CHARSET.exec(type)?.[1] ?? 'utf-8')) return unsupported('The body must be in UTF-8.');
  if (encoding.toLowerCase() !== 'identity') return unsupported('The body must not be compressed.');
  return undefined;
}

function parseObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw malformedBody('The body is not UTF-8.');
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw malformedBody('The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw malformedBody('The body is not a JSON object.');
  }
  // The check above ensures that it is an object.
  return body as JsonObject;
}

function unsupported(detail: string): HttpProblem {
  return new HttpProblem({ status: 415, code: 'unsupported-media-type', detail });
}
