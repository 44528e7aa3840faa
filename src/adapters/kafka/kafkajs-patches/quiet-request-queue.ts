import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

// kafkajs does not export this class, which must be the same one that its connections use.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
  readonly prototype: RequestQueue & { isQuiet?: true };
};

/**
 * Stops idle connections from checking their empty queue. kafkajs 2.2.4 checks it every millisecond, with a timer
 * whose delay is negative, which Node 24 warns about.
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
