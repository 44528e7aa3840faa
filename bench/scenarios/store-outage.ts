import type { Scenario } from '../bench.js';
import { send } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { startMongo } from '../servers/bench-servers.js';

const MAX_RATE = 20_000;

/** Measures single sends while MongoDB is stopped. */
export const storeOutage: Scenario = {
  name: 'store-outage',
  repeats: 'once',
  run: (bench) =>
    bench.resources.within(async (resources) => {
      const { sizes, results } = bench;
      const mongo = await startMongo(resources);
      const backEnd = FullBackEnd.create(resources, { kafka: bench.servers.kafka, mongodb: mongo.address });
      const api = await backEnd.startApi();
      await backEnd.startReceiver();
      const load = async (durationMs: number) => {
        const maxMessages = (durationMs * MAX_RATE) / 1_000;
        const result = await send(bench, api, backEnd.sent, { durationMs, maxMessages });
        const { p50, p99 } = result.latencies;
        return { value: (result.acknowledged * 1_000) / result.elapsedMs, p50, p99 };
      };
      results.add('outageBefore', await load(sizes.baselineMs));
      const loadDuringOutage = load(sizes.outageMs);
      await mongo.stop();
      results.add('outageAccepted', await loadDuringOutage);
      await mongo.start();
      await load(sizes.baselineMs);
      results.add('outageLost', { value: await backEnd.check(results, 'MongoDB stopped') });
    }),
};
