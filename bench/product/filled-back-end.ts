import type { Bench } from '../bench.js';
import { Worker } from '../processes/worker.js';
import type { Resources } from '../resources.js';
import type { FillJob, FillTasks } from './fill-failures.js';
import { FullBackEnd } from './full-back-end.js';

export const GROUPS = 100;

/** A back end whose database holds failed messages. */
export async function filledBackEnd(
  { servers }: Bench,
  resources: Resources,
  content: Pick<FillJob, 'failures' | 'recipients'>,
): Promise<FullBackEnd> {
  const backEnd = FullBackEnd.create(resources, servers);
  const filler = resources.add(Worker.start<FillTasks>('product/fill-failures.ts'), (worker) =>
    worker.stop(),
  );
  await filler.call('fill', { ...content, uri: backEnd.uri, groups: GROUPS });
  await filler.stop();
  return backEnd;
}
