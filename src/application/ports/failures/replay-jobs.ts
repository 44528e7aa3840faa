import type { ReplayJob } from '../../../domain/failures/replay-job.js';

/**
 * Stores bulk replays durably.
 *
 * `change` replaces a job by the function's result in one atomic step and resolves with it. If the job does not
 * exist or the function returns undefined, it writes nothing and resolves with undefined. `running` returns the
 * jobs that have not ended. All methods reject with `DependencyUnavailable`.
 */
export interface ReplayJobs {
  insert(job: ReplayJob): Promise<void>;
  find(id: string): Promise<ReplayJob | undefined>;
  change(id: string, change: (job: ReplayJob) => ReplayJob | undefined): Promise<ReplayJob | undefined>;
  running(): Promise<readonly ReplayJob[]>;
}
