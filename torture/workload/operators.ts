import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionKind, OperatorAction } from '../history.js';
import { pick, seededRandom } from '../random.js';
import { request } from './request.js';

const PAUSE_MS = 100;
const JOB_RATE = 1_000;

interface Row {
  readonly _id: string;
}

/** Several operators who handle the same failed messages concurrently. */
export class Operators {
  readonly actions: OperatorAction[] = [];
  readonly unexplained: string[] = [];
  /** Bulk replays that were started, or may have been. */
  bulkReplays = 0;
  private readonly random: () => number;
  private readonly running: Promise<void>[];
  private stopped = false;
  private lastJob: string | undefined;

  constructor(
    private readonly urls: readonly string[],
    seed: number,
    count = 3,
  ) {
    this.random = seededRandom(seed);
    this.running = Array.from({ length: count }, () => this.run());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  /** Starts a bulk replay of all unresolved failures. */
  async replayAll(): Promise<void> {
    this.bulkReplays += 1;
    await request(`${this.url()}/replays`, 'POST', { filter: {}, all: true, rate: 5_000 });
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const response = await request(`${this.url()}/failed-messages?state=unresolved&limit=200`, 'GET');
      const rows = response?.status === 200 ? (response.body as readonly Row[]) : [];
      if (rows.length > 0) await this.handle(pick(rows, this.random)._id, this.random());
      await sleep(PAUSE_MS);
    }
  }

  private async handle(id: string, chance: number): Promise<void> {
    if (chance < 0.5) await this.perform('replay', id, '/replay', {});
    else if (chance < 0.75) await this.correct(id);
    else if (chance < 0.95) await this.perform('discard', id, '/discard', { note: 'not needed' });
    else if (chance < 0.98) await this.startJob();
    else if (this.lastJob !== undefined) await request(`${this.url()}${this.lastJob}`, 'DELETE');
  }

  private async correct(id: string): Promise<void> {
    const text = `corrected ${id}`;
    await this.perform('correct', id, '/replay', { message: text }, text);
  }

  private async perform(
    kind: ActionKind,
    id: string,
    path: string,
    body: object,
    text?: string,
  ): Promise<void> {
    const response = await request(`${this.url()}/failed-messages/${id}${path}`, 'POST', body);
    const outcome = this.outcomeOf(response, `${kind} of ${id}`);
    this.actions.push({ kind, id, outcome, ...(text !== undefined && { text }) });
  }

  private outcomeOf(response: Awaited<ReturnType<typeof request>>, what: string): OperatorAction['outcome'] {
    if (response === undefined || response.status === 503) return 'unknown';
    if (response.status === 200 || response.status === 202) return 'done';
    // 400: the corrected message breaks another rule.
    if (response.status === 409 || response.status === 400) return 'conflict';
    this.unexplained.push(
      `${what} was answered ${String(response.status)}: ${JSON.stringify(response.body)}`,
    );
    return 'unknown';
  }

  private async startJob(): Promise<void> {
    this.bulkReplays += 1;
    const response = await request(`${this.url()}/replays`, 'POST', {
      filter: {},
      all: true,
      rate: JOB_RATE,
    });
    const { id } = (response?.body ?? {}) as { readonly id?: string };
    if (response?.status === 202 && id !== undefined) this.lastJob = `/replays/${id}`;
  }

  private url(): string {
    return pick(this.urls, this.random);
  }
}
