// Measures reading the stored group counts without the program.
import { createConnection } from 'mongoose';
import { open } from 'lmdb';
import { GROUP_COUNTS } from '../../src/adapters/mongodb/schema/schemas.js';
import { serve } from '../processes/serve.js';
import { spreadOf, type Spread } from '../report/statistics.js';

const READS = 200;

/** Milliseconds per read from MongoDB, over one connection. */
async function find(uri: string): Promise<Spread> {
  const connection = await createConnection(uri).asPromise();
  const collection = connection.collection(GROUP_COUNTS);
  const times = await timesOf(async () => collection.findOne({}));
  await connection.close();
  return spreadOf(times);
}

/** Milliseconds per read from the folder of a program that has ended. */
async function get(folder: string): Promise<Spread> {
  const root = open({ path: `${folder}/postrider.mdb`, maxDbs: 32, readOnly: true });
  const table = root.openDB<unknown, string>({ name: 'group-counts' });
  const times = await timesOf(async () => table.get('last'));
  await root.close();
  return spreadOf(times);
}

async function timesOf(read: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < READS; at += 1) {
    const startedAt = performance.now();
    const found = await read();
    times.push(performance.now() - startedAt);
    if (found === null || found === undefined) throw new Error('No counts are stored.');
  }
  return times;
}

const tasks = { find, get };
export type RawCountsTasks = typeof tasks;

serve(tasks);
