import { setTimeout as sleep } from 'node:timers/promises';
import type { ActKind, OperatorAct } from '../history.js';
import { pick, seededRandom } from '../random.js';
import { ask } from './ask.js';

const PAUSE_MS = 100;
const JOB_RATE = 1_000;

interface Row {
  readonly _id: string;
}

/** Several operators who act on the same failed messages concurrently. */
export class Operators {
  readonly acts: OperatorAct[] = [];
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
    people = 3,
  ) {
    this.random = seededRandom(seed);
    this.running = Array.from({ length: people }, () => this.work());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  /** Starts a bulk replay of all unresolved failures. */
  async replayAll(): Promise<void> {
    this.bulkReplays += 1;
    await ask(`${this.url()}/replays`, 'POST', { filter: {}, all: true, rate: 5_000 });
  }

  /** Replays failures one by one: a bulk replay leaves out what a clock that was ahead has dated after it. */
  async replayEach(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.act('replay', id, '/replay', {});
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      const answer = await ask(`${this.url()}/failed-messages?state=unresolved&limit=200`, 'GET');
      const rows = answer?.status === 200 ? (answer.body as readonly Row[]) : [];
      if (rows.length > 0) await this.actOn(pick(rows, this.random)._id, this.random());
      await sleep(PAUSE_MS);
    }
  }

  private async actOn(id: string, chance: number): Promise<void> {
    if (chance < 0.5) await this.act('replay', id, '/replay', {});
    else if (chance < 0.75) await this.correct(id);
    else if (chance < 0.95) await this.act('discard', id, '/discard', { note: 'not needed' });
    else if (chance < 0.98) await this.beginJob();
    else if (this.lastJob !== undefined) await ask(`${this.url()}${this.lastJob}`, 'DELETE');
  }

  private async correct(id: string): Promise<void> {
    const text = `corrected ${id}`;
    await this.act('correct', id, '/replay', { message: text }, text);
  }

  private async act(kind: ActKind, id: string, path: string, body: object, text?: string): Promise<void> {
    const answer = await ask(`${this.url()}/failed-messages/${id}${path}`, 'POST', body);
    const outcome = this.outcomeOf(answer, `${kind} of ${id}`);
    this.acts.push({ kind, id, outcome, ...(text !== undefined && { text }) });
  }

  private outcomeOf(answer: Awaited<ReturnType<typeof ask>>, what: string): OperatorAct['outcome'] {
    if (answer === undefined || answer.status === 503) return 'unknown';
    if (answer.status === 200 || answer.status === 202) return 'done';
    // 400: the corrected message breaks another rule.
    if (answer.status === 409 || answer.status === 400) return 'conflict';
    this.unexplained.push(`${what} was answered ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
    return 'unknown';
  }

  private async beginJob(): Promise<void> {
    this.bulkReplays += 1;
    const answer = await ask(`${this.url()}/replays`, 'POST', { filter: {}, all: true, rate: JOB_RATE });
    const { id } = (answer?.body ?? {}) as { readonly id?: string };
    if (answer?.status === 202 && id !== undefined) this.lastJob = `/replays/${id}`;
  }

  private url(): string {
    return pick(this.urls, this.random);
  }
}
