import type { Target } from '../load/send.js';
import { Worker } from '../processes/worker.js';
import type { Resources } from '../resources.js';
import type { BaselineInput, ServerTasks } from './tasks.js';

export async function startBaseline(
  resources: Resources,
  name: 'node-http' | 'express-floor' | 'naive-api',
  input: BaselineInput,
): Promise<Target> {
  const worker = resources.add(Worker.start<ServerTasks>(`baselines/${name}.ts`), (worker) => worker.stop());
  return { port: await worker.call('start', input), pid: worker.pid };
}
