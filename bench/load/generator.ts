// The process that generates all load.
import { serve } from '../processes/serve.js';
import { sendAndFollow } from './followed-load.js';
import { closeReaders, openReaders, waitUntilReceived } from './live-readers.js';
import { readPages } from './page-load.js';
import type { LoadJob } from './job.js';
import { runLoad } from './run-load.js';

const tasks = {
  runLoad: (job: LoadJob) => runLoad(job),
  readPages,
  sendAndFollow,
  openReaders,
  waitUntilReceived,
  closeReaders,
};
export type GeneratorTasks = typeof tasks;

serve(tasks);
