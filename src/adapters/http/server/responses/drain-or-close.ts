import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Resolves when a response with a full buffer has drained or closed. */
export async function drainOrClose(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    over.abort();
  }
}
