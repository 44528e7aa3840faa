import type { Bench, Scenario } from '../bench.js';
import { startBaseline } from '../baselines/start.js';
import type { ConsumerTasks } from '../baselines/tasks.js';
import { measureSends } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { Worker } from '../processes/worker.js';
import { freshNames } from '../servers/fresh-names.js';
import { createTopic } from '../servers/topics.js';
import { PARTITIONS } from '../sizes.js';
import { measureEmbedded } from './embedded-sends.js';

/** Measures sends of one message per request, on connections that wait for each response. */
export const singleSends: Scenario = {
  name: 'single-sends',
  repeats: 'each-round',
  run: async (bench) => {
    await measureServer(bench, 'http', 'node-http');
    await measureServer(bench, 'floor', 'express-floor');
    await measureFull(bench);
    await measureNaive(bench);
    await measureEmbedded(bench);
  },
};

function measureServer(
  bench: Bench,
  key: 'http' | 'floor',
  name: 'node-http' | 'express-floor',
): Promise<void> {
  return bench.resources.within(async (resources) => {
    const server = await startBaseline(resources, name, freshNames(bench.servers));
    bench.results.add(key, await measureSends(bench, server));
  });
}

/** Measures an api process without a receiver, and then with one that stores the messages. */
function measureFull(bench: Bench): Promise<void> {
  return bench.resources.within(async (resources) => {
    const { results } = bench;
    const backEnd = FullBackEnd.create(resources, bench.servers);
    const { sent, stored } = backEnd;
    const api = await backEnd.startApi();
    results.add('sendsStopped', await measureSends(bench, api, sent));
    await backEnd.startReceiver();
    await stored.waitForCount(sent.acknowledged, 120_000);
    const sample = await measureSends(bench, api, sent);
    const backlog = sent.acknowledged - (await stored.count());
    results.add('sendsStoring', sample);
    results.add('sendsBacklog', { value: Math.max(0, backlog) / sample.value });
    await backEnd.check(results, 'Single sends');
  });
}

/** Measures the naive api while its consumer runs. The consumer need not keep up. */
function measureNaive(bench: Bench): Promise<void> {
  return bench.resources.within(async (resources) => {
    const input = freshNames(bench.servers);
    await createTopic(input.kafka, input.topic, PARTITIONS);
    const consumer = resources.add(Worker.start<ConsumerTasks>('baselines/naive-consumer.ts'), (worker) =>
      worker.stop(),
    );
    const api = await startBaseline(resources, 'naive-api', input);
    await consumer.call('start', input);
    bench.results.add('naiveSends', await measureSends(bench, api));
  });
}
