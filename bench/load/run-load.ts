import { Connection } from './connection.js';
import type { LoadJob, LoadResult } from './job.js';
import { requestOf } from './payload.js';
import { Tally } from './tally.js';

const TICK_MS = 1;
/** How long a job waits after its end for outstanding responses. */
const RESPONSE_TIMEOUT_MS = 30_000;
const RECONNECT_DELAY_MS = 20;

/** Called with the number of a request's first message and the time of its 201, by `performance.now()`. */
export type OnAcknowledged = (first: number, at: number) => void;

/** Runs one job. Resolves when it has ended. */
export function runLoad(job: LoadJob, onAcknowledged?: OnAcknowledged): Promise<LoadResult> {
  return new LoadRun(job, onAcknowledged).run();
}

class LoadRun {
  private readonly tally: Tally;
  private readonly freeConnections: Connection[];
  private readonly startedAt = performance.now();
  private issued = 0;
  private inFlight = 0;
  private lastResponseAt = this.startedAt;

  constructor(
    private readonly job: LoadJob,
    private readonly onAcknowledged: OnAcknowledged = () => undefined,
  ) {
    this.tally = new Tally(job);
    this.freeConnections = Array.from({ length: job.connections }, () => new Connection(job.port));
  }

  async run(): Promise<LoadResult> {
    const connections = [...this.freeConnections];
    if (this.job.rate === undefined)
      while (this.freeConnections.length > 0 && !this.isDone) this.sendNext(performance.now());
    else await this.sendAtRate(this.job.rate);
    await this.waitForResponses();
    for (const connection of connections) connection.close();
    return this.tally.result(this.lastResponseAt - this.startedAt);
  }

  private get isDone(): boolean {
    const { maxMessages, batch, durationMs } = this.job;
    return this.issued + batch > maxMessages || performance.now() - this.startedAt >= durationMs;
  }

  /**
   * `due` is when the request should be sent. Latency counts from there, so it includes waiting for a free connection.
   */
  private sendNext(dueAt: number): void {
    const connection = this.freeConnections.pop();
    if (connection === undefined) return;
    const { batch, firstNumber, recipients, rate } = this.job;
    const first = firstNumber + this.issued;
    this.issued += batch;
    this.inFlight += 1;
    connection.send(requestOf(first, batch, recipients), (response) => {
      this.lastResponseAt = performance.now();
      this.inFlight -= 1;
      if (response.status === 201) this.onAcknowledged(first, this.lastResponseAt);
      this.tally.record(response, first, this.lastResponseAt - dueAt);
      this.freeConnections.push(connection);
      if (rate !== undefined || this.isDone) return;
      if (response.status === 0)
        setTimeout(() => this.isDone || this.sendNext(performance.now()), RECONNECT_DELAY_MS);
      else this.sendNext(this.lastResponseAt);
    });
  }

  private async sendAtRate(rate: number): Promise<void> {
    for (let sent = 0; !this.isDone;) {
      const dueAt = (at: number): number => this.startedAt + (at * 1_000) / rate;
      while (dueAt(sent) <= performance.now() && this.freeConnections.length > 0 && !this.isDone) {
        this.sendNext(dueAt(sent));
        sent += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  private async waitForResponses(): Promise<void> {
    const deadline = this.startedAt + this.job.durationMs + RESPONSE_TIMEOUT_MS;
    while ((this.inFlight > 0 || !this.isDone) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
