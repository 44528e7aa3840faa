import { createRequire } from 'node:module';

interface Runner {
  readonly running: boolean;
  readonly fetchManager: { stop(): Promise<void> };
  fetch(nodeId: number): Promise<unknown[]>;
}

// kafkajs does not export this class, which must be the same one that its consumers use.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/runner.js') as {
  readonly prototype: Runner & { stopsFetchers?: true };
};

/**
 * Ends the fetchers of a stopped consumer. If the brokers change while a consumer stops, kafkajs 2.2.4 starts new
 * fetchers, which then fetch nothing forever without yielding to the event loop: the process hangs.
 */
export function endStoppedFetchers(): void {
  if (prototype.stopsFetchers) return;
  prototype.stopsFetchers = true;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the runner as `this` below
  const { fetch } = prototype;
  prototype.fetch = async function (this: Runner, nodeId: number): Promise<unknown[]> {
    if (this.running) return fetch.call(this, nodeId);
    // Not awaited: it waits for the end of the fetcher that called this.
    void this.fetchManager.stop();
    return [];
  };
}
