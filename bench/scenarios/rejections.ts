import type { Bench, Scenario } from '../bench.js';
import type { FailuresTasks } from '../limits/raw-failures.js';
import type { RejectedTasks } from '../load/rejected-records.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { StoredMessages } from '../product/stored-messages.js';
import { Worker } from '../processes/worker.js';
import type { MeasureKey } from '../report/measures.js';
import type { Resources } from '../resources.js';
import { freshNames } from '../servers/fresh-names.js';
import { createTopic } from '../servers/topics.js';
import { PARTITIONS, RECIPIENTS } from '../sizes.js';
import { measureDrain } from './drain.js';

const WARM_UP = 5_000;
const TIMEOUT_MS = 180_000;

/**
 * Measures how fast records that fail on decoding become failed messages, compared with inserts into MongoDB.
 */
export const rejections: Scenario = {
  name: 'rejections',
  repeats: 'each-round',
  run: async (bench) => {
    await bench.resources.within((resources) => measureInserts(bench, resources));
    await bench.resources.within((resources) => measureFlood(bench, resources, 'rejectedOfOne', 1));
    await bench.resources.within((resources) => measureFlood(bench, resources, 'rejectedOfMany', RECIPIENTS));
    await bench.resources.within((resources) => measureFlood(bench, resources, 'rejectedOfNone', 0));
  },
};

async function measureInserts({ sizes, servers, results }: Bench, resources: Resources): Promise<void> {
  const { mongodb: uri } = freshNames(servers);
  const collections = resources.add(new StoredMessages(uri), (messages) =>
    messages.drop().finally(() => messages.close()),
  );
  const inserter = resources.add(Worker.start<FailuresTasks>('limits/raw-failures.ts'), (worker) =>
    worker.stop(),
  );
  const job = { uri, recipients: RECIPIENTS };
  // Warm up.
  await inserter.call('insert', { ...job, failures: WARM_UP });
  await collections.drop();
  const elapsedMs = await inserter.call('insert', { ...job, failures: sizes.rejectedRecords });
  results.add('rawFailures', { value: (sizes.rejectedRecords * 1_000) / elapsedMs });
}

async function measureFlood(
  bench: Bench,
  resources: Resources,
  key: MeasureKey,
  recipients: number,
): Promise<void> {
  const { sizes, servers, results } = bench;
  const { kafka } = servers;
  const backEnd = FullBackEnd.create(resources, servers);
  const { topic, stored } = backEnd;
  await createTopic(kafka, topic, PARTITIONS);
  const producer = resources.add(Worker.start<RejectedTasks>('load/rejected-records.ts'), (worker) =>
    worker.stop(),
  );
  await producer.call('write', { kafka, topic, records: sizes.rejectedRecords, recipients });
  await producer.stop();
  const receiver = await backEnd.startReceiver();
  const bounds = { count: sizes.rejectedRecords, durationMs: TIMEOUT_MS };
  results.add(key, await measureDrain(receiver.pid, () => stored.estimateFailures(), bounds));
  const failed = await stored.countFailedOnce();
  if (failed !== sizes.rejectedRecords)
    results.failures.push(`Rejections: ${failed} of ${sizes.rejectedRecords} records failed once.`);
}
