import type { Bench, Scenario } from '../bench.js';
import type { InsertTasks } from '../limits/raw-insert.js';
import { recipientOf } from '../load/payload.js';
import { FullBackEnd } from '../product/full-back-end.js';
import type { ProductProcess } from '../product/product-process.js';
import { settledMemory } from '../processes/memory-watch.js';
import { Worker } from '../processes/worker.js';
import type { MeasureKey } from '../report/measures.js';
import { median } from '../report/statistics.js';
import type { Resources } from '../resources.js';
import { RECIPIENTS } from '../sizes.js';
import { measureStream } from './streaming.js';

const LIMIT = 100;
const REQUESTS_PER_TURN = 20;
const RECIPIENT = recipientOf(42, RECIPIENTS);

const PAGES: readonly { readonly path: string; readonly few: MeasureKey; readonly many: MeasureKey }[] = [
  { path: `/messages?limit=${LIMIT}`, few: 'pageFew', many: 'pageMany' },
  { path: `/messages?limit=${LIMIT}&to=${RECIPIENT}`, few: 'pageToFew', many: 'pageToMany' },
  { path: `/clients/${RECIPIENT}/inbox?after=0&limit=${LIMIT}`, few: 'pageInboxFew', many: 'pageInboxMany' },
];

/** Measures the same pages with few and with many stored messages, interleaved, and then a stream of all messages. */
export const pages: Scenario = {
  name: 'pages',
  repeats: 'once',
  run: (bench) =>
    bench.resources.within(async (resources) => {
      const few = await startApiWithMessages(bench, resources, bench.sizes.fewStored);
      const many = await startApiWithMessages(bench, resources, bench.sizes.manyStored);
      const idleBytes = await settledMemory(many.pid);
      for (const page of PAGES) await comparePages(bench, page, few, many);
      await few.stop();
      await measureStream(bench, many, idleBytes);
    }),
};

/** Starts an api process on a database with `messages` messages. */
async function startApiWithMessages(
  { servers }: Bench,
  resources: Resources,
  messages: number,
): Promise<ProductProcess> {
  const backEnd = FullBackEnd.create(resources, servers);
  const inserter = resources.add(Worker.start<InsertTasks>('limits/raw-insert.ts'), (worker) =>
    worker.stop(),
  );
  await inserter.call('insert', { uri: backEnd.uri, messages, recipients: RECIPIENTS });
  await inserter.stop();
  return backEnd.startApi();
}

async function comparePages(
  { sizes, results, generator }: Bench,
  page: (typeof PAGES)[number],
  few: ProductProcess,
  many: ProductProcess,
): Promise<void> {
  const read = async ({ port }: ProductProcess) => {
    const job = { port, path: page.path, requests: REQUESTS_PER_TURN, messages: LIMIT };
    return generator.call('readPages', job);
  };
  const times = {
    few: [] as number[],
    many: [] as number[],
    fewTail: [] as number[],
    manyTail: [] as number[],
  };
  for (let index = -REQUESTS_PER_TURN; index < sizes.pages; index += REQUESTS_PER_TURN) {
    const [inFew, inMany] = [await read(few), await read(many)];
    // The first requests are a warm-up.
    if (index < 0) continue;
    times.few.push(inFew.p50);
    times.many.push(inMany.p50);
    times.fewTail.push(inFew.p99);
    times.manyTail.push(inMany.p99);
  }
  const sample = (p50s: number[], p99s: number[]) => ({
    value: median(p50s),
    p50: median(p50s),
    p99: median(p99s),
  });
  results.add(page.few, sample(times.few, times.fewTail));
  results.add(page.many, sample(times.many, times.manyTail));
}
