import { get } from 'node:http';
import type { Bench } from '../bench.js';
import type { ProductProcess } from '../product/product-process.js';
import { usageOf } from '../processes/usage.js';
import { MemoryWatch } from '../processes/memory-watch.js';

/** Measures GET /messages without a limit, and the memory that the process uses during it, beyond its idle memory. */
export async function measureStream(
  { sizes, results }: Bench,
  api: ProductProcess,
  idleBytes: number,
): Promise<void> {
  const before = usageOf(api.pid);
  const watch = new MemoryWatch(api.pid);
  const startedAt = performance.now();
  const rows = await countRows(api.port);
  const elapsedMs = performance.now() - startedAt;
  const peak = watch.stop();
  if (rows !== sizes.manyStored) throw new Error(`${rows} rows were streamed, not ${sizes.manyStored}.`);
  const cpuMicrosPerMessage = (usageOf(api.pid).cpuMicros - before.cpuMicros) / rows;
  const peakMegabytes = peak / 2 ** 20;
  results.add('streamRate', { value: (rows * 1_000) / elapsedMs, cpuMicrosPerMessage, peakMegabytes });
  results.add('streamMemory', { value: (peak - idleBytes) / 2 ** 20, peakMegabytes });
}

const ROW = '"_id":"';

function countRows(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/messages' }, (response) => {
      let rows = 0;
      let incompleteRow = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        const text = incompleteRow + chunk;
        rows += text.split(ROW).length - 1;
        // The beginning of a row may be split between two chunks.
        incompleteRow = text.slice(-(ROW.length - 1));
      });
      response.on('end', () => resolve(rows));
      response.on('error', reject);
    }).once('error', reject);
  });
}
