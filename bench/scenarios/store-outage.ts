import type { Scenario } from '../bench.js';
import { send } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { startedMongo } from '../servers/bench-servers.js';

const MOST_A_SECOND = 20_000;

/** Measures single sends while MongoDB is stopped. */
export const storeOutage: Scenario = {
  name: 'store-outage',
  repeats: 'once',
  run: (bench) =>
    bench.resources.within(async (own) => {
      const { sizes, results } = bench;
      const mongo = await startedMongo(own);
      const backEnd = FullBackEnd.create(own, { kafka: bench.servers.kafka, mongodb: mongo.address });
      const api = await backEnd.startApi();
      await backEnd.startReceiver();
      const load = async (durationMs: number) => {
        const maxMessages = (durationMs * MOST_A_SECOND) / 1_000;
        const result = await send(bench, api, backEnd.sent, { durationMs, maxMessages });
        const { p50, p99 } = result.answers;
        return { value: (result.acknowledged * 1_000) / result.elapsedMs, p50, p99 };
      };
      results.add('outageBefore', await load(sizes.calmMs));
      const under = load(sizes.outageMs);
      await mongo.stop();
      results.add('outageAccepted', await under);
      await mongo.start();
      await load(sizes.calmMs);
      results.add('outageLost', { value: await backEnd.check(results, 'MongoDB stopped') });
    }),
};
