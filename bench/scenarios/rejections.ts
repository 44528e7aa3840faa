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

/** Measures how fast records that fail decoding become failed messages, compared with inserts into MongoDB. */
export const rejections: Scenario = {
  name: 'rejections',
  repeats: 'each-round',
  run: async (bench) => {
    await bench.resources.within((own) => measureInserts(bench, own));
    await bench.resources.within((own) => measureFlood(bench, own, 'rejectedOfOne', 1));
    await bench.resources.within((own) => measureFlood(bench, own, 'rejectedOfMany', RECIPIENTS));
    await bench.resources.within((own) => measureFlood(bench, own, 'rejectedOfNone', 0));
  },
};

async function measureInserts({ sizes, servers, results }: Bench, own: Resources): Promise<void> {
  const { mongodb: uri } = freshNames(servers);
  const collections = own.add(new StoredMessages(uri), (its) => its.drop().finally(() => its.close()));
  const inserter = own.add(Worker.start<FailuresTasks>('limits/raw-failures.ts'), (its) => its.stop());
  const job = { uri, recipients: RECIPIENTS };
  // Warm up.
  await inserter.call('insert', { ...job, failures: WARM_UP });
  await collections.drop();
  const elapsedMs = await inserter.call('insert', { ...job, failures: sizes.rejected });
  results.add('rawFailures', { value: (sizes.rejected * 1_000) / elapsedMs });
}

async function measureFlood(
  bench: Bench,
  own: Resources,
  key: MeasureKey,
  recipients: number,
): Promise<void> {
  const { sizes, servers, results } = bench;
  const { kafka } = servers;
  const backEnd = FullBackEnd.create(own, servers);
  const { topic, stored } = backEnd;
  await createTopic(kafka, topic, PARTITIONS);
  const producer = own.add(Worker.start<RejectedTasks>('load/rejected-records.ts'), (its) => its.stop());
  await producer.call('write', { kafka, topic, records: sizes.rejected, recipients });
  await producer.stop();
  const receiver = await backEnd.startReceiver();
  const bounds = { count: sizes.rejected, durationMs: TIMEOUT_MS };
  results.add(key, await measureDrain(receiver.pid, () => stored.failuresSoFar(), bounds));
  const failed = await stored.failedOnce();
  if (failed !== sizes.rejected)
    results.failures.push(`Rejections: ${failed} of ${sizes.rejected} records failed once.`);
}
