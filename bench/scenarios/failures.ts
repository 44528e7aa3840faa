import type { Bench, Scenario } from '../bench.js';
import type { FillTasks } from '../product/fill-failures.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { Worker } from '../processes/worker.js';
import type { Resources } from '../resources.js';
import { RECIPIENTS } from '../sizes.js';

export const GROUPS = 100;
/** Time for the receiver to join its group. */
const JOINING_MS = 5_000;
const TIMEOUT_MS = 180_000;
/** A rate above the program's capacity, so that the rate limit does not affect the result. */
const RATE = 100_000;

/** Measures a bulk replay of many failed messages until all are in their inboxes. */
export const failures: Scenario = {
  name: 'failures',
  repeats: 'once',
  run: async (bench) => {
    await bench.resources.within((own) => measureReplay(bench, own));
  },
};

async function measureReplay(bench: Bench, own: Resources): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = await filled(bench, own, sizes.replayed);
  const { sent, stored } = backEnd;
  // All messages count as acknowledged.
  sent.acknowledge(sent.reserve(sizes.replayed), new Uint8Array(sizes.replayed / 8).fill(0xff));
  const { port } = await backEnd.startApi();
  await backEnd.startReceiver();
  await new Promise((resolve) => setTimeout(resolve, JOINING_MS));
  const began = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/replays`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ filter: {}, all: true, rate: RATE }),
  });
  if (response.status !== 202) throw new Error(`POST /replays answered ${response.status}.`);
  await stored.untilThere(sizes.replayed, TIMEOUT_MS);
  results.add('replayed', { value: (sizes.replayed * 1_000) / (performance.now() - began) });
  await backEnd.check(results, 'Bulk replay');
}

/** A back end with failed messages in its store. */
export async function filled({ servers }: Bench, own: Resources, count: number): Promise<FullBackEnd> {
  const backEnd = FullBackEnd.create(own, servers);
  const filler = own.add(Worker.start<FillTasks>('product/fill-failures.ts'), (its) => its.stop());
  const job = { uri: backEnd.uri, failures: count, recipients: RECIPIENTS, groups: GROUPS };
  await filler.call('fill', job);
  await filler.stop();
  return backEnd;
}
