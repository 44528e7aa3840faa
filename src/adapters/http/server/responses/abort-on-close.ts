import type { ServerResponse } from 'node:http';

/** Returns a signal that aborts when the response closes. It is aborted already if the response has closed before. */
export function abortOnClose(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  // A closed response emits no further event.
  if (response.closed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller.signal;
}
