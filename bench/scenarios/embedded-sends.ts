import { get } from 'node:http';
import type { Bench } from '../bench.js';
import { NUMBERS_IN_JSON } from '../load/payload.js';
import { measureSends } from '../load/send.js';
import { ProductProcess } from '../product/product-process.js';
import { SentMessages, StoredCounts } from '../sent-messages.js';

const DRAIN_TIMEOUT_MS = 60_000;

/** Measures the embedded back end, which stores messages in the same process. */
export function measureEmbedded(bench: Bench): Promise<void> {
  return bench.resources.within(async (resources) => {
    const sent = new SentMessages();
    const program = await ProductProcess.start(resources, { BACKEND: 'embedded', DATA_DIR: './data' });
    bench.results.add('embedded', await measureSends(bench, program, sent));
    for (const deadline = Date.now() + DRAIN_TIMEOUT_MS; ;) {
      const { missing, duplicates } = sent.compare(await countStored(program.port));
      if (missing + duplicates === 0) return;
      if (duplicates > 0 || Date.now() > deadline) {
        const ofAcknowledged = `of ${sent.acknowledged} acknowledged messages`;
        bench.results.failures.push(
          `Embedded: ${missing} ${ofAcknowledged} are not stored, ${duplicates} more than once.`,
        );
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });
}

/** Counts stored messages through the API, because no other process may open the folder. */
async function countStored(port: number): Promise<StoredCounts> {
  const counts = new StoredCounts();
  await new Promise<void>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/messages' }, (response) => {
      let rest = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        const text = rest + chunk;
        // A chunk may end within a row.
        const end = text.lastIndexOf('{') + 1;
        for (const [, number] of text.slice(0, end).matchAll(NUMBERS_IN_JSON)) counts.add(Number(number));
        rest = text.slice(end);
      });
      response.on('end', () => {
        for (const [, number] of rest.matchAll(NUMBERS_IN_JSON)) counts.add(Number(number));
        resolve();
      });
      response.on('error', reject);
    }).once('error', reject);
  });
  return counts;
}
