import { Connection } from './connection.js';
import type { LoadJob, LoadResult } from './job.js';
import { requestOf } from './payload.js';
import { Tally } from './tally.js';

const TICK_MS = 1;
/** How long a job waits after its end for outstanding answers. */
const ANSWER_TIMEOUT_MS = 30_000;
const AFTER_BREAK_MS = 20;

/** Called with the number of a request's first message and the time of its 201, by `performance.now()`. */
export type OnAcknowledged = (first: number, at: number) => void;

/** Runs one job. Resolves when it has ended. */
export function runLoad(job: LoadJob, onAcknowledged?: OnAcknowledged): Promise<LoadResult> {
  return new LoadRun(job, onAcknowledged).run();
}

class LoadRun {
  private readonly tally: Tally;
  private readonly free: Connection[];
  private readonly started = performance.now();
  private issued = 0;
  private inFlight = 0;
  private latestAnswer = this.started;

  constructor(
    private readonly job: LoadJob,
    private readonly onAcknowledged: OnAcknowledged = () => undefined,
  ) {
    this.tally = new Tally(job);
    this.free = Array.from({ length: job.connections }, () => new Connection(job.port));
  }

  async run(): Promise<LoadResult> {
    const connections = [...this.free];
    if (this.job.rate === undefined)
      while (this.free.length > 0 && !this.isOver) this.sendNext(performance.now());
    else await this.sendAtRate(this.job.rate);
    await this.untilAnswered();
    for (const connection of connections) connection.close();
    return this.tally.result(this.latestAnswer - this.started);
  }

  private get isOver(): boolean {
    const { maxMessages, batch, durationMs } = this.job;
    return this.issued + batch > maxMessages || performance.now() - this.started >= durationMs;
  }

  /**
   * `due` is when the request should be sent. Latency counts from there, so it includes waiting for a free connection.
   */
  private sendNext(due: number): void {
    const connection = this.free.pop();
    if (connection === undefined) return;
    const { batch, firstNumber, recipients, rate } = this.job;
    const first = firstNumber + this.issued;
    this.issued += batch;
    this.inFlight += 1;
    connection.send(requestOf(first, batch, recipients), (answer) => {
      this.latestAnswer = performance.now();
      this.inFlight -= 1;
      if (answer.status === 201) this.onAcknowledged(first, this.latestAnswer);
      this.tally.take(answer, first, this.latestAnswer - due);
      this.free.push(connection);
      if (rate !== undefined || this.isOver) return;
      if (answer.status === 0)
        setTimeout(() => this.isOver || this.sendNext(performance.now()), AFTER_BREAK_MS);
      else this.sendNext(this.latestAnswer);
    });
  }

  private async sendAtRate(rate: number): Promise<void> {
    for (let sent = 0; !this.isOver;) {
      const due = (at: number): number => this.started + (at * 1_000) / rate;
      while (due(sent) <= performance.now() && this.free.length > 0 && !this.isOver) {
        this.sendNext(due(sent));
        sent += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  private async untilAnswered(): Promise<void> {
    const deadline = this.started + this.job.durationMs + ANSWER_TIMEOUT_MS;
    while ((this.inFlight > 0 || !this.isOver) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
