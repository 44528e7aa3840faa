import type { Bench, Scenario } from '../bench.js';
import type { ConsumerTasks } from '../baselines/tasks.js';
import type { InsertTasks } from '../limits/raw-insert.js';
import type { ProduceTasks } from '../limits/raw-produce.js';
import { measureRate, send } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { Worker } from '../processes/worker.js';
import type { Resources } from '../resources.js';
import { freshNames } from '../servers/fresh-names.js';
import { createTopic, deleteTopics } from '../servers/topics.js';
import { StoredMessages } from '../product/stored-messages.js';
import { PARTITIONS, RECIPIENTS } from '../sizes.js';
import { measureDrain } from './drain.js';

/** Measures batch sends without a receiver, and then the draining of that backlog, each compared with its limit. */
export const backlog: Scenario = {
  name: 'backlog',
  repeats: 'each-round',
  run: async (bench) => {
    await bench.resources.within((resources) => measureBaselines(bench, resources));
    await bench.resources.within((resources) => measureInserts(bench, resources));
    await bench.resources.within((resources) => measureProduct(bench, resources));
  },
};

const BATCH = 100;
const WARM_UP = 5_000;
const LOAD_MS = 120_000;
const BATCH_CONNECTIONS = 8;

/** Measures raw kafkajs sends, and the naive consumer, which drains them. */
async function measureBaselines({ sizes, servers, results }: Bench, resources: Resources): Promise<void> {
  const input = resources.add(freshNames(servers), ({ topic }) => deleteTopics(servers.kafka, [topic]));
  resources.add(new StoredMessages(input.mongodb), (messages) =>
    messages.drop().finally(() => messages.close()),
  );
  const { kafka, topic } = input;
  await createTopic(kafka, topic, PARTITIONS);
  const producer = resources.add(Worker.start<ProduceTasks>('limits/raw-produce.ts'), (worker) =>
    worker.stop(),
  );
  const job = { kafka, topic, recipients: RECIPIENTS };
  // Warm up: connect and compile the code.
  await producer.call('produce', { ...job, messages: WARM_UP });
  const elapsedMs = await producer.call('produce', { ...job, messages: sizes.backlog });
  results.add('rawProduce', { value: (sizes.backlog * 1_000) / elapsedMs });

  const consumer = resources.add(Worker.start<ConsumerTasks>('baselines/naive-consumer.ts'), (worker) =>
    worker.stop(),
  );
  await consumer.call('start', input);
  const stored = (): Promise<number> => consumer.call('stored', undefined);
  const bounds = { count: sizes.naiveBacklog, durationMs: sizes.naiveDrainMs };
  results.add('naiveDrain', await measureDrain(consumer.pid, stored, bounds));
}

async function measureInserts({ sizes, servers, results }: Bench, resources: Resources): Promise<void> {
  const { mongodb: uri } = freshNames(servers);
  const collections = resources.add(new StoredMessages(uri), (messages) =>
    messages.drop().finally(() => messages.close()),
  );
  const inserter = resources.add(Worker.start<InsertTasks>('limits/raw-insert.ts'), (worker) =>
    worker.stop(),
  );
  const job = { uri, recipients: RECIPIENTS };
  // Warm up.
  await inserter.call('insert', { ...job, messages: WARM_UP });
  await collections.drop();
  const elapsedMs = await inserter.call('insert', { ...job, messages: sizes.backlog });
  results.add('rawInsert', { value: (sizes.backlog * 1_000) / elapsedMs });
}

async function measureProduct(bench: Bench, resources: Resources): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = FullBackEnd.create(resources, bench.servers);
  const { sent, stored } = backEnd;
  const api = await backEnd.startApi();
  const sendBatches = (maxMessages: number) => () =>
    send(bench, api, sent, {
      batch: BATCH,
      connections: BATCH_CONNECTIONS,
      durationMs: LOAD_MS,
      maxMessages,
    });
  await sendBatches(WARM_UP)();
  results.add('batches', await measureRate(api, sendBatches(sizes.backlog)));
  await api.stop();
  const receiver = await backEnd.startReceiver();
  const bounds = { count: sent.acknowledged, durationMs: LOAD_MS };
  results.add('drain', await measureDrain(receiver.pid, () => stored.count(), bounds));
  await backEnd.check(results, 'Backlog');
}
