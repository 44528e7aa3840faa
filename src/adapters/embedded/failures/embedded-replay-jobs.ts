import type { ReplayJobs } from '../../../application/ports/failures.js';
import type { ReplayJob } from '../../../domain/failures/replay-job.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

export class EmbeddedReplayJobs implements ReplayJobs {
  constructor(private readonly store: EmbeddedStore) {}

  insert(job: ReplayJob): Promise<void> {
    return this.store.write('store', () => {
      void this.store.tables.replays.put(job.id, job);
    });
  }

  find(id: string): Promise<ReplayJob | undefined> {
    return readStore(() => this.store.tables.replays.get(id));
  }

  change(id: string, change: (job: ReplayJob) => ReplayJob | undefined): Promise<ReplayJob | undefined> {
    const { replays } = this.store.tables;
    return this.store.write('store', () => {
      const job = replays.get(id);
      const changed = job && change(job);
      if (changed) void replays.put(id, changed);
      return changed;
    });
  }

  running(): Promise<readonly ReplayJob[]> {
    return readStore(() => {
      const all = [...this.store.tables.replays.getRange()].map(({ value }) => value);
      return all.filter(({ state }) => state === 'running');
    });
  }
}
