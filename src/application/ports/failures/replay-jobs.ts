import type { ReplayJob } from '../../../domain/failures/replay-job.js';

/**
 * Keeps bulk replays, durably. `change` replaces one by what the function makes of it, as one step that no other
 * process comes between, and resolves with it; undefined, and nothing written, where there is none or the function
 * gives undefined. `running` are those that have not ended. All reject with `DependencyUnavailable`.
 */
export interface ReplayJobs {
  insert(job: ReplayJob): Promise<void>;
  find(id: string): Promise<ReplayJob | undefined>;
  change(id: string, change: (job: ReplayJob) => ReplayJob | undefined): Promise<ReplayJob | undefined>;
  running(): Promise<readonly ReplayJob[]>;
}
