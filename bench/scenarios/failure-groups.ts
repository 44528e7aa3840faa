import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder, unguardFolder } from '../../scripts/stack/guard.js';
import type { Bench, Scenario } from '../bench.js';
import type { RawCountsTasks } from '../limits/raw-counts.js';
import { Worker } from '../processes/worker.js';
import type { FillFolderTasks } from '../product/fill-folder.js';
import { ProductProcess } from '../product/product-process.js';
import type { MeasureKey } from '../report/measures.js';
import type { Resources } from '../resources.js';
import { RECIPIENTS } from '../sizes.js';
import { filledBackEnd, GROUPS } from '../product/filled-back-end.js';

const PATH = '/failed-messages/groups';
const REQUESTS = 200;
const STARTS = 5;

type Start = () => Promise<ProductProcess>;

/** Measures the groups of many failed messages: the very first response, later ones, and the first one after a start. */
export const failureGroups: Scenario = {
  name: 'groups',
  repeats: 'once',
  run: async (bench) => {
    await bench.resources.within((resources) => measureGroups(bench, resources));
    await bench.resources.within((resources) => measureEmbeddedGroups(bench, resources));
  },
};

async function measureGroups(bench: Bench, resources: Resources): Promise<void> {
  const { results, generator, sizes } = bench;
  const backEnd = await filledBackEnd(bench, resources, {
    failures: sizes.failedMessages,
    recipients: RECIPIENTS,
  });
  const start = (): Promise<ProductProcess> => backEnd.startApi();
  const api = await start();
  results.add('groupsFirst', { value: await firstResponse(bench, api) });
  const { p50, p99 } = await generator.call('readPages', {
    ...{ port: api.port, path: PATH, messages: 0, requests: REQUESTS },
  });
  results.add('groups', { value: p99, p50, p99 });
  await api.stop();
  await measureStarts(bench, start, 'groupsStart');
  const raw = await limits(resources).call('find', backEnd.uri);
  results.add('rawCounts', { value: raw.p50, ...raw });
}

async function measureEmbeddedGroups(bench: Bench, resources: Resources): Promise<void> {
  const { results, sizes } = bench;
  const folder = mkdtempSync(join(tmpdir(), 'postrider-bench-'));
  guardFolder(folder);
  resources.add(folder, async () => {
    rmSync(folder, { recursive: true, force: true });
    unguardFolder(folder);
  });
  const filler = resources.add(Worker.start<FillFolderTasks>('product/fill-folder.ts'), (worker) =>
    worker.stop(),
  );
  await filler.call('fill', {
    folder,
    failures: sizes.failedMessages,
    recipients: RECIPIENTS,
    groups: GROUPS,
  });
  await filler.stop();
  const start = (): Promise<ProductProcess> =>
    ProductProcess.start(resources, { BACKEND: 'embedded', DATA_DIR: folder });
  const program = await start();
  results.add('groupsFirstEmbedded', { value: await firstResponse(bench, program) });
  await program.stop();
  await measureStarts(bench, start, 'groupsStartEmbedded');
  const raw = await limits(resources).call('get', folder);
  results.add('rawCountsEmbedded', { value: raw.p50, ...raw });
}

/** Measures the slowest first response of several starts. */
async function measureStarts(bench: Bench, start: Start, key: MeasureKey): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at < STARTS; at += 1) {
    const program = await start();
    times.push(await firstResponse(bench, program));
    await program.stop();
  }
  bench.results.add(key, { value: Math.max(...times) });
}

/** Milliseconds of one request, whose response must count all failures. */
async function firstResponse(
  { results, generator, sizes }: Bench,
  { port }: ProductProcess,
): Promise<number> {
  const { p50 } = await generator.call('readPages', { port, path: PATH, messages: 0, requests: 1 });
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`);
  const { groups } = (await response.json()) as { groups: readonly { readonly count: number }[] };
  const counted = groups.reduce((sum, { count }) => sum + count, 0);
  if (counted !== sizes.failedMessages)
    results.failures.push(`Groups: ${counted} of ${sizes.failedMessages} counted.`);
  return p50;
}

function limits(resources: Resources): Worker<RawCountsTasks> {
  return resources.add(Worker.start<RawCountsTasks>('limits/raw-counts.ts'), (worker) => worker.stop());
}
