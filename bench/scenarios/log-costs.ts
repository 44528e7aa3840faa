import type { LogTasks } from '../limits/raw-log.js';
import type { Bench } from '../bench.js';
import { cpuSpent } from '../processes/cpu-spent.js';
import { Worker } from '../processes/worker.js';
import type { Logging } from '../report/cost-measures.js';
import { mean } from '../report/statistics.js';
import type { Resources } from '../resources.js';
import { pidOf, startKafkaCluster } from '../servers/bench-servers.js';
import { createTopic } from '../servers/topics.js';
import { PARTITIONS, RECIPIENTS } from '../sizes.js';

const TOPIC = 'postrider-bench';
/** Enough records for the broker's JVM to compile its hot code. */
const WARM_UP = { records: 20_000, batch: 100, recipients: RECIPIENTS };
const VARIANTS: readonly { readonly key: Logging; readonly batch: number; readonly share: number }[] = [
  { key: 'logBig', batch: 500, share: 2 },
  { key: 'logSmall', batch: 20, share: 1 },
];

/** Measures the same records on one broker and on three, of which the first one leads every partition. */
export async function measureLogCosts({ sizes, results }: Bench, resources: Resources): Promise<void> {
  for (const size of [1, 3]) {
    await resources.within(async (clusterResources) => {
      const cluster = await startKafkaCluster(clusterResources, size);
      const kafka = cluster.node(1).address;
      const replicas = cluster.nodes.map((_, at) => at + 1);
      await createTopic(kafka, TOPIC, PARTITIONS, replicas);
      const load = clusterResources.add(Worker.start<LogTasks>('limits/raw-log.ts'), (worker) =>
        worker.stop(),
      );
      await load.call('open', { kafka, topic: TOPIC });
      await load.call('writeAndRead', WARM_UP);
      for (const { key, batch, share } of VARIANTS) {
        const records = sizes.costMessages * share;
        const job = { records, batch, recipients: RECIPIENTS };
        const spent = await cpuSpent(cluster.nodes.map(pidOf), () => load.call('writeAndRead', job));
        const [leader = 0, ...followers] = spent.map((micros) => micros / records);
        results.add(size === 1 ? `${key}Alone` : `${key}Leader`, { value: leader });
        if (size > 1) results.add(`${key}Follower`, { value: mean(followers) });
      }
    });
  }
}
