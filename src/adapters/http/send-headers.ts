import { HttpProblem } from './problem.js';

const QUOTED = /^"((?:[!#-[\]-~]|\\["\\])*)"$/;
const KEY = /^[!-~]{1,255}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A structured-field string (draft-ietf-httpapi-idempotency-key-header), or bare as many clients write it. */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header);
  const key = text.startsWith('"') ? QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') : text;
  if (key !== undefined && KEY.test(key)) return key;
  throw new HttpProblem({
    status: 400,
    code: 'malformed-idempotency-key',
    detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters, quoted or bare.',
  });
}

/** W3C Trace Context, version 00. One that is malformed is as good as none. */
export function parseTraceparent(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;
}
