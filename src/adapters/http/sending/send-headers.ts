import { HttpProblem } from '../server/problem.js';

const QUOTED = /^"((?:[!#-[\]-~]|\\["\\])*)"$/;
const KEY = /^[!-~]{1,255}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Parses a structured-field string (draft-ietf-httpapi-idempotency-key-header), or the bare key that many clients send.
 */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header);
  const key = text.startsWith('"') ? QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') : text;
  if (key !== undefined && KEY.test(key)) return key;
  throw malformedKey('Idempotency-Key must be 1 to 255 visible ASCII characters, quoted or bare.');
}

/** Checks the key of one message in a batch, a member of its JSON object. */
export function checkIdempotencyKey(key: unknown): string | undefined {
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) return key;
  throw malformedKey('idempotencyKey must be a string of 1 to 255 visible ASCII characters.');
}

function malformedKey(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, code: 'malformed-idempotency-key', detail });
}

/** Parses W3C Trace Context, version 00. A malformed header is ignored. */
export function parseTraceparent(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;
}
