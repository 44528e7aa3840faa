import { takeForJob, type ReplayRules } from '../../domain/failures/failure-actions.js';
import { ended, leased, rateOf, type ReplayJob } from '../../domain/failures/replay-job.js';
import type { Clock, IdSource } from '../ports/clock.js';
import type { FailureSets, ReplaySet, ReplayJobs } from '../ports/failures.js';
import { MAX_BATCH_ENTRIES, type Ledger } from '../ports/ledger.js';
import type { Logger } from '../ports/telemetry.js';
import { every, sleep, type Repetition } from '../timing.js';
import type { ReplayOutbox } from './replay-outbox.js';
import { logFailure } from '../log-failure.js';

const POLL_MS = 5_000;
// Much longer than a chunk takes, without the pause after it. If a chunk takes longer than this, two processes may run
// the job, each with its own failures.
const LEASE_MS = 5_000;
const CHUNKS_A_SECOND = 4;
/** The most chunks that wait for the log's confirmation while the next one is taken: at most a second's worth. */
const CHUNKS_IN_FLIGHT = 4;
/** The pause after the log did not answer for a chunk. */
const LOG_PAUSE_MS = 1_000;
const PENDING_POLL_MS = 500;

export function setOf({ id, filter, createdAt, before = createdAt }: ReplayJob): ReplaySet {
  return { job: id, filter, before };
}

function chunkSize(job: ReplayJob): number {
  return Math.max(1, Math.min(MAX_BATCH_ENTRIES, Math.floor(rateOf(job) / CHUNKS_A_SECOND)));
}

/** How long the failures of a chunk take at the job's rate. */
function durationMs(found: number, job: ReplayJob): number {
  return (found / rateOf(job)) * 1_000;
}

/**
 * Runs bulk replays: takes some failures of the set, publishes them, and repeats at the requested rate. Taking a
 * failure marks it in the transaction that begins its replay, so if the process dies, another one continues with
 * the failures that were not taken, and the outbox publishes those that were not published.
 */
export class ReplayRunner {
  private readonly running = new Map<string, Promise<void>>();
  private polls: Repetition | undefined;
  private readonly stopped = new AbortController();

  constructor(
    private readonly jobs: ReplayJobs,
    private readonly sets: Pick<FailureSets, 'next' | 'counts'>,
    private readonly ledger: Pick<Ledger, 'amendAll'>,
    private readonly outbox: Pick<ReplayOutbox, 'publish'>,
    private readonly rules: ReplayRules,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly ids: IdSource,
  ) {}

  start(): void {
    this.polls = every(this.clock, POLL_MS, () => this.poll());
  }

  /** Looks for new jobs now, and not only at the next poll. */
  pollNow(): void {
    this.polls?.runNow();
  }

  /** Stops running jobs. Another process continues them, or this one after the next start. */
  async stop(): Promise<void> {
    this.stopped.abort();
    // A poll in flight starts no more jobs, and the store may be down.
    void this.polls?.stop();
    await Promise.all(this.running.values());
  }

  /** Looks for jobs that no process runs. */
  private async poll(): Promise<void> {
    try {
      for (const job of await this.jobs.running()) this.run(job);
    } catch (error) {
      logFailure(this.logger, 'replay.jobs-not-read', error);
    }
  }

  private get isStopped(): boolean {
    return this.stopped.signal.aborted;
  }

  private run({ id }: ReplayJob): void {
    if (this.isStopped || this.running.has(id)) return;
    const run = this.runLeased(id)
      .catch((error: unknown) => {
        logFailure(this.logger, 'replay.job-interrupted', error, { job: id });
      })
      .finally(() => this.running.delete(id));
    this.running.set(id, run);
  }

  private async runLeased(id: string): Promise<void> {
    const inFlight = new InFlight();
    try {
      let job = await this.lease(id, 0);
      while (job !== undefined && !this.isStopped) {
        const began = this.clock.elapsed();
        const found = await this.chunk(job, inFlight);
        if (found === 0 && (await this.finish(job))) return;
        const pause = found === 0 ? PENDING_POLL_MS : durationMs(found, job);
        await inFlight.below(CHUNKS_IN_FLIGHT);
        const logPause = inFlight.takeUnconfirmed() ? LOG_PAUSE_MS : 0;
        const passed = this.clock.elapsed() - began;
        await sleep(this.clock, Math.max(pause, logPause) - passed, this.stopped.signal);
        job = await this.lease(id, job.lease);
      }
      // Releases the lease, so that another process need not wait until it expires.
      if (job !== undefined) await this.jobs.change(id, (one) => leased(one, job?.lease ?? 0, 0, 0));
    } finally {
      await inFlight.below(1);
    }
  }

  /** Takes a chunk of failures and begins to publish them. Resolves with the number that it found. */
  private async chunk(job: ReplayJob, inFlight: InFlight): Promise<number> {
    const set = setOf(job);
    const ids = await this.sets.next(set, chunkSize(job));
    if (ids.length === 0) return 0;
    const at = this.clock.now();
    const order = { id: this.ids.next(at), at, force: false, job: job.id, by: job.by };
    const taken = await this.ledger.amendAll(ids, (failure) =>
      takeForJob(failure, order, set.before, this.rules),
    );
    inFlight.add(
      this.outbox.publish(taken.flatMap((failure) => (failure?.state === 'replaying' ? failure : []))),
    );
    return ids.length;
  }

  /** Ends the job if the log has all failures that were taken. Called when none is left to take. */
  private async finish(job: ReplayJob): Promise<boolean> {
    const { pending } = await this.sets.counts(job.id);
    if (pending > 0) return false;
    const done = await this.jobs.change(job.id, (one) => ended(one, 'done', this.clock.now()));
    if (done) this.logger.info('replay.job-done', { job: job.id });
    return true;
  }

  /** Takes or renews the lease for one chunk and the pause after it. */
  private lease(id: string, held: number): Promise<ReplayJob | undefined> {
    const now = this.clock.now();
    return this.jobs.change(id, (job) =>
      leased(job, held, now, now + LEASE_MS + durationMs(chunkSize(job), job)),
    );
  }
}

/** The publications that the log has not confirmed yet. */
class InFlight {
  private readonly chunks = new Set<Promise<void>>();
  private isUnconfirmed = false;

  /** Adds a publication, which must never reject and resolves with whether the log has answered. */
  add(publication: Promise<boolean>): void {
    const chunk = publication.then((isConfirmed) => {
      this.chunks.delete(chunk);
      if (!isConfirmed) this.isUnconfirmed = true;
    });
    this.chunks.add(chunk);
  }

  /** Reports whether the log has left a publication unanswered since the last call. */
  takeUnconfirmed(): boolean {
    const { isUnconfirmed } = this;
    this.isUnconfirmed = false;
    return isUnconfirmed;
  }

  async below(count: number): Promise<void> {
    while (this.chunks.size >= count) await Promise.race(this.chunks);
  }
}
