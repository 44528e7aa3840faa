import type { ServerResponse } from 'node:http';

/** Aborted when nobody is left to read the answer. */
export function leavingOf(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  response.once('close', () => {
    left.abort();
  });
  return left.signal;
}
