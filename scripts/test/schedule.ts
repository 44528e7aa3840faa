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
  const running = new Set<Job>();
  let hasFailed = false;
  let jobEnds: Promise<void>;
  let onJobEnd: () => void;
  const renew = (): void => {
    jobEnds = new Promise((resolve) => (onJobEnd = resolve));
  };
  renew();

  const next = (): Job | undefined => {
    const at = waiting.findIndex((job) => mayStart(job, [...running]));
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };
  const runLane = async (lane: number): Promise<void> => {
    while (waiting.length > 0 && !hasFailed) {
      const job = next();
      if (job === undefined) {
        await jobEnds;
        continue;
      }
      running.add(job);
      try {
        await run(job, lane);
      } catch (error) {
        hasFailed = true;
        throw error;
      } finally {
        running.delete(job);
        onJobEnd();
        renew();
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
