import type { ServerResponse } from 'node:http';

/** Aborted when nobody is left to read the answer, also from the start: a client may leave before it is waited for. */
export function abortOnClose(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  // A response that has closed emits nothing more.
  if (response.closed) left.abort();
  else response.once('close', () => left.abort());
  return left.signal;
}
