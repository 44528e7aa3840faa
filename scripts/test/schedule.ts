export interface Schedule<Job> {
  /** The jobs in the order in which they start, as far as `mayStart` allows. */
  readonly jobs: readonly Job[];
  /** How many jobs run side by side. */
  readonly lanes: number;
  /** Reports whether a job may start beside the running ones. Must be true if none is running. */
  readonly mayStart: (job: Job, running: readonly Job[]) => boolean;
  readonly run: (job: Job, lane: number) => Promise<void>;
}

/**
 * Runs jobs side by side, at most one in each lane. After a job rejects, no other one starts, and the result rejects
 * when all running jobs have ended.
 */
export async function runSchedule<Job>({ jobs, lanes, mayStart, run }: Schedule<Job>): Promise<void> {
  const waiting = [...jobs];
  const freeLanes = Array.from({ length: lanes }, (_, lane) => lane);
  const running = new Map<Job, Promise<void>>();
  const errors: unknown[] = [];

  const start = (job: Job, lane: number): void => {
    const end = run(job, lane)
      .catch((error: unknown) => void errors.push(error))
      .finally(() => {
        running.delete(job);
        freeLanes.unshift(lane);
      });
    running.set(job, end);
  };
  for (;;) {
    while (freeLanes.length > 0 && errors.length === 0) {
      const at = waiting.findIndex((job) => mayStart(job, [...running.keys()]));
      if (at < 0) break;
      for (const job of waiting.splice(at, 1)) start(job, freeLanes.shift() ?? 0);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (errors.length > 0) throw errors[0];
}
