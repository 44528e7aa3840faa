import { nodeBinary } from '../stack/node-binary.js';
import { add, NONE, ONE_FAILURE, runMocha, type Counts } from './run-mocha.js';
import { runSchedule } from './schedule.js';
import { mayStart, type TestJob } from './test-jobs.js';
import { LaneStacks } from './lane-stacks.js';

const SLOWEST = 10;

export interface TestRunOptions {
  readonly jobs: readonly TestJob[];
  /** How many jobs run side by side. */
  readonly lanes: number;
  /** Why jobs that need servers, or a cluster, cannot run on this machine. */
  readonly missing: { readonly servers?: string; readonly cluster?: string };
  /** Tests that cannot run are failures. */
  readonly isStrict: boolean;
  readonly print: (text: string) => void;
}

/** Runs jobs side by side, each lane with its own servers, and prints their output and the progress. */
export class TestRun {
  private readonly stacks = new LaneStacks();
  private readonly durations: { readonly name: string; readonly seconds: number }[] = [];
  private readonly runnable: readonly TestJob[];
  private counts: Counts = NONE;

  constructor(private readonly options: TestRunOptions) {
    this.runnable = options.jobs.filter(({ need }) => need === 'nothing' || !options.missing[need]);
  }

  /** Resolves with the counts of all jobs. Rejects with `Interrupted`. */
  async run(): Promise<Counts> {
    try {
      await runSchedule({
        jobs: this.runnable,
        lanes: Math.min(this.options.lanes, this.runnable.length),
        mayStart,
        run: (job, lane) => this.runJob(job, lane),
      });
    } finally {
      await this.stacks.stop();
    }
    this.reportSkipped('servers', 'a real Kafka and MongoDB');
    this.reportSkipped('cluster', 'a cluster');
    if (this.durations.length > 1) this.printSlowest();
    return this.counts;
  }

  private async runJob({ name, files, need, timeoutMs, node }: TestJob, lane: number): Promise<void> {
    const env = need === 'servers' ? await this.envOf(lane) : {};
    if (env === undefined) return;
    // Otherwise the lines of several jobs would mix.
    const isQuiet = this.runnable.length > 1;
    const startedAt = performance.now();
    const { counts, output } = await runMocha({
      ...{ files, timeoutMs, env, isQuiet },
      ...(node !== undefined && { node: await nodeBinary(node) }),
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    this.counts = add(this.counts, counts);
    this.durations.push({ name, seconds });
    if (!isQuiet) return;
    const progress = `${this.durations.length} of ${this.runnable.length}`;
    this.options.print(`${output}[${progress}] ${name}: ${text(counts)}, ${seconds.toFixed(1)} s`);
  }

  private async envOf(lane: number): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      return await this.stacks.envOf(lane);
    } catch (error) {
      this.options.print(String(error instanceof Error ? (error.stack ?? error) : error));
      this.counts = add(this.counts, ONE_FAILURE);
      return undefined;
    }
  }

  private reportSkipped(need: 'servers' | 'cluster', what: string): void {
    const { jobs, missing, isStrict } = this.options;
    const skipped = jobs.filter((job) => job.need === need).length;
    if (skipped === 0 || missing[need] === undefined) return;
    this.options.print(
      `Skipped: ${skipped} test files that need ${what}. To run them, install what is missing: ${missing[need]}.`,
    );
    if (isStrict) this.counts = add(this.counts, ONE_FAILURE);
  }

  private printSlowest(): void {
    const slowest = this.durations.sort((one, other) => other.seconds - one.seconds).slice(0, SLOWEST);
    this.options.print('\nSlowest:');
    for (const { name, seconds } of slowest)
      this.options.print(`${seconds.toFixed(1).padStart(8)} s  ${name}`);
  }
}

export function text({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
