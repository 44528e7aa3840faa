// The process that all load comes from.
import { serve } from '../processes/serve.js';
import { measureInboxLatency } from './inbox-latency.js';
import { readPages } from './page-load.js';
import { runLoad } from './run-load.js';

const tasks = { runLoad, readPages, measureInboxLatency };
export type GeneratorTasks = typeof tasks;

serve(tasks);
