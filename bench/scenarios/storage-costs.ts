import type { LocalMongoSet } from '../../scripts/stack/local-mongo-set.js';
import type { Bench } from '../bench.js';
import { cpuSpent } from '../processes/cpu-spent.js';
import { Worker } from '../processes/worker.js';
import type { LedgerTasks } from '../product/ledger-load.js';
import type { Storing } from '../report/cost-measures.js';
import type { Results } from '../report/results.js';
import { mean } from '../report/statistics.js';
import type { Resources } from '../resources.js';
import { pidOf, startMongoSet } from '../servers/bench-servers.js';
import { RECIPIENTS } from '../sizes.js';

interface Variant {
  readonly key: Storing;
  readonly task: 'settle' | 'insertRaw';
  readonly batch: number;
  readonly recipients: number;
  /** The share of the configured number of messages. */
  readonly share: number;
}

/** More recipients than those whose last numbers the ledger caches, so that it has to read them. */
export const MANY_RECIPIENTS = 20_000;
export const BIG_BATCH = 500;
export const SMALL_BATCH = 20;
/** Enough for the first settlements of a new ledger, which read everything from the store. */
export const WARM_UP = { messages: 1_000, batch: SMALL_BATCH, recipients: RECIPIENTS };
/** A secondary may lag behind the majority by this long. */
const REPLICATION_LAG_MS = 300;

const RAW: Variant = {
  key: 'storeRaw',
  task: 'insertRaw',
  batch: BIG_BATCH,
  recipients: RECIPIENTS,
  share: 1,
};
const LEDGER: readonly Variant[] = [
  { key: 'storeHundred', task: 'settle', batch: BIG_BATCH, recipients: RECIPIENTS, share: 1 },
  { key: 'storeEach', task: 'settle', batch: BIG_BATCH, recipients: MANY_RECIPIENTS, share: 1 },
  { key: 'storeTwenty', task: 'settle', batch: SMALL_BATCH, recipients: RECIPIENTS, share: 1 / 2 },
  { key: 'storeFive', task: 'settle', batch: 5, recipients: RECIPIENTS, share: 1 / 8 },
  { key: 'storeSingle', task: 'settle', batch: 1, recipients: RECIPIENTS, share: 1 / 20 },
];

/** Measures the same writes on one node and on three, with the CPU of each node. */
export async function measureStorageCosts({ sizes, results }: Bench, resources: Resources): Promise<void> {
  for (const size of [1, 3]) {
    await resources.within(async (clusterResources) => {
      const set = await startMongoSet(clusterResources, size);
      const load = clusterResources.add(Worker.start<LedgerTasks>('product/ledger-load.ts'), (worker) =>
        worker.stop(),
      );
      const measure = variantMeasurement(set, load, sizes.costMessages, results);
      // Use a separate database, because inbox numbers begin at 1 in both measurements.
      await load.call('open', set.databaseAddress('postrider-bench-raw'));
      await measure(RAW);
      await load.call('open', set.databaseAddress('postrider-bench-ledger'));
      await load.call('createInboxes', MANY_RECIPIENTS);
      for (const variant of LEDGER) await measure(variant);
    });
  }
}

function variantMeasurement(
  set: LocalMongoSet,
  load: Worker<LedgerTasks>,
  costed: number,
  results: Results,
): (variant: Variant) => Promise<void> {
  let first = 0;
  const write = async (task: Variant['task'], job: typeof WARM_UP): Promise<void> => {
    await load.call(task, { ...job, first });
    first += job.messages;
    await new Promise((resolve) => setTimeout(resolve, REPLICATION_LAG_MS));
  };
  return async ({ key, task, batch, recipients, share }) => {
    const messages = costed * share;
    const primary = pidOf(await set.primary());
    const secondaries = (await set.secondaries()).map(pidOf);
    await write(task, WARM_UP);
    const spent = await cpuSpent([primary, ...secondaries], () =>
      write(task, { messages, batch, recipients }),
    );
    if (pidOf(await set.primary()) !== primary)
      throw new Error('The replica set elected another primary during the measurement.');
    const [ofPrimary = 0, ...ofSecondaries] = spent.map((micros) => micros / messages);
    if (ofSecondaries.length === 0) {
      results.add(`${key}Alone`, { value: ofPrimary });
    } else {
      results.add(`${key}Primary`, { value: ofPrimary });
      results.add(`${key}Secondary`, { value: mean(ofSecondaries) });
    }
  };
}
