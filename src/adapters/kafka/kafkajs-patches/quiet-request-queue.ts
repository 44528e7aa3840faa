import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

// kafkajs exports no such class; it has to be the very one that its connections use.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
  readonly prototype: RequestQueue & { isQuiet?: true };
};

/**
 * Idle connections of kafkajs 2.2.4 wake up every millisecond to look at an empty queue, by a timer with a negative
 * delay (of which Node 24 warns). With nothing pending there is nothing to come back for.
 */
export function quietRequestQueues(): void {
  if (prototype.isQuiet) return;
  prototype.isQuiet = true;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the queue as `this` below
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
