import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import { endStoppedFetchers } from '../../../../../src/adapters/kafka/kafkajs-patches/stopped-fetchers.js';

interface Runner {
  running: boolean;
  readonly fetchManager: { start(): Promise<void>; getFetchers(): readonly unknown[] };
}

const KafkajsRunner = createRequire(import.meta.url)('kafkajs/src/consumer/runner.js') as new (
  options: object,
) => Runner;
const nothing = (): void => undefined;
const logger = { debug: nothing, info: nothing, error: nothing, namespace: () => logger };

describe('The fetchers of a kafkajs consumer', () => {
  before(endStoppedFetchers);

  function runnerOf(fetch: () => Promise<unknown[]>): Runner {
    const consumerGroup = { getNodeIds: () => [1, 2], fetch, heartbeat: () => Promise.resolve() };
    return new KafkajsRunner({ logger, consumerGroup, instrumentationEmitter: new EventEmitter() });
  }

  // Without the patch this test never ends: the fetchers do not yield to the event loop.
  it('end if they are started while the consumer stops', async () => {
    let fetches = 0;
    const runner = runnerOf(() => Promise.resolve([(fetches += 1)]));
    runner.running = false;
    await runner.fetchManager.start();
    expect(runner.fetchManager.getFetchers()).to.have.lengthOf(2);
    expect(fetches).to.equal(0);
  });

  it('fetch while the consumer runs, and end when it stops', async () => {
    let fetches = 0;
    const runner = runnerOf(() => {
      fetches += 1;
      if (fetches === 6) runner.running = false;
      return Promise.resolve([]);
    });
    runner.running = true;
    await runner.fetchManager.start();
    expect(fetches).to.be.within(6, 7);
  });
});
