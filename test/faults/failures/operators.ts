import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiGroup } from './api-group.js';

const PAUSE_MS = 10;
const PAGE_LIMIT = 200;
const JOB_RATE = 500;

interface Row {
  readonly _id: string;
}

/** The new text of a correction. */
export function correctionOf(id: string): string {
  return `corrected ${id}`;
}

/**
 * Operators who work with failed messages during faults: several act on the same ones concurrently. They
 * replay, correct and discard, and start and cancel bulk replays, and repeat each request until it gets a
 * response.
 */
export class Operators {
  /** The responses, by the id of the failed message. */
  readonly discarded = new Set<string>();
  readonly corrected = new Set<string>();
  readonly replayed = new Set<string>();
  /** Paths of bulk replays. */
  readonly jobs: string[] = [];
  /** Another operator was faster, or the action was done and its response was lost. */
  conflicts = 0;
  /** Responses that must not occur. */
  readonly unexplained: string[] = [];
  private readonly working: Promise<void>[];
  private isStopped = false;

  constructor(
    private readonly apis: ApiGroup,
    count = 4,
  ) {
    this.working = Array.from({ length: count }, () => this.work());
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.working);
  }

  summary(): string {
    const { discarded, corrected, replayed, jobs, conflicts } = this;
    const actions = { replayed, corrected, discarded };
    const counts = Object.entries(actions).map(([action, ids]) => `${String(ids.size)} ${action}`);
    return `${counts.join(', ')}, ${String(jobs.length)} jobs, ${String(conflicts)} conflicts`;
  }

  private async work(): Promise<void> {
    while (!this.isStopped) {
      const rows = (await this.apis.get(
        `/failed-messages?state=unresolved&limit=${String(PAGE_LIMIT)}`,
      )) as Row[];
      const row = rows[Math.floor(Math.random() * rows.length)];
      if (row !== undefined) await this.actOn(row._id, Math.random());
      await sleep(PAUSE_MS);
    }
  }

  private async actOn(id: string, chance: number): Promise<void> {
    const path = `/failed-messages/${id}`;
    if (chance < 0.45) await this.ask(`${path}/replay`, {}, [202, 409], this.replayed, id);
    else if (chance < 0.75)
      await this.ask(`${path}/replay`, { message: correctionOf(id) }, [202, 409], this.corrected, id);
    else if (chance < 0.9)
      await this.ask(`${path}/discard`, { note: 'not needed' }, [200, 409], this.discarded, id);
    else if (chance < 0.96) await this.beginJob();
    else await this.cancelJob();
  }

  private async ask(
    path: string,
    body: object,
    expected: readonly number[],
    accepted: Set<string>,
    id: string,
  ): Promise<void> {
    const response = await this.apis.request('POST', path, body);
    const text = await response.text();
    if (!expected.includes(response.status))
      this.unexplained.push(`${path}: ${String(response.status)} ${text}`);
    else if (response.status === 409) this.conflicts += 1;
    else accepted.add(id);
  }

  private async beginJob(): Promise<void> {
    const body = { filter: {}, all: true, rate: JOB_RATE };
    const { headers } = await this.apis.post('/replays', body, 202);
    this.jobs.push(headers.get('location') ?? '');
  }

  private async cancelJob(): Promise<void> {
    const job = this.jobs.at(-1);
    if (job !== undefined) await this.apis.request('DELETE', job);
  }
}
