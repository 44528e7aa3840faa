// The process that all load comes from.
import { serve } from '../processes/serve.js';
import { sendAndFollow } from './followed-load.js';
import { readPages } from './page-load.js';
import { runLoad } from './run-load.js';

const tasks = { runLoad, readPages, sendAndFollow };
export type GeneratorTasks = typeof tasks;

serve(tasks);
