import { setTimeout as sleep } from 'node:timers/promises';
import { elapsed } from '../clock.js';
import type { Expectation, SendOutcome, SentMessage } from '../history.js';
import { pick, seededRandom } from '../random.js';
import { RECEIVED_LENGTH } from '../system.js';
import { ask, type Answer } from './ask.js';

interface Draft {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly expected: Expectation;
  readonly key?: string;
}

interface Verdict {
  readonly outcome: SendOutcome;
  readonly id?: string;
}

export interface SenderSettings {
  readonly urls: readonly string[];
  readonly recipients: readonly string[];
  readonly seed: number;
  /** Messages in one batch. */
  readonly batchSize: number;
  /** No further batch is sent once so many messages were acknowledged. */
  readonly target: number;
}

const PAUSE_MS = 15;
const RETRY_MS = 250;

/** Clients that send in three ways: one by one with a key, one by one without, and in batches. */
export class Senders {
  readonly sends: SentMessage[] = [];
  readonly unexplained: string[] = [];
  accepted = 0;
  private readonly random: () => number;
  private readonly running: Promise<void>[];
  private stopped = false;
  private count = 0;

  constructor(private readonly settings: SenderSettings) {
    this.random = seededRandom(settings.seed);
    this.running = [
      ...Array.from({ length: 4 }, (_, n) => this.keep(() => this.sendWithKey(`keyed-${String(n)}`))),
      ...Array.from({ length: 4 }, (_, n) => this.keep(() => this.sendPlain(`plain-${String(n)}`))),
      ...Array.from({ length: 2 }, (_, n) => this.keep(() => this.sendBatch(`batch-${String(n)}`))),
    ];
  }

  /** What has been begun is still sent to its end. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async keep(sendOnce: () => Promise<void>): Promise<void> {
    while (!this.stopped) {
      await sendOnce();
      await sleep(PAUSE_MS);
    }
  }

  /** Repeats the send under its key until it is answered, then sometimes uses the key for another text. */
  private async sendWithKey(from: string): Promise<void> {
    const draft = { ...this.draft(from), key: `key-${String(this.count)}` };
    const outcome = await this.untilAnswered(draft);
    if (outcome !== 'accepted' || this.random() > 0.01) return;
    await this.untilAnswered({ ...draft, ...this.text(), expected: 'reused-key' });
  }

  private async untilAnswered(draft: Draft): Promise<SendOutcome> {
    const startedAt = elapsed();
    for (;;) {
      const verdict = this.verdictOn(await this.post(draft), draft);
      const isOver = verdict.outcome === 'accepted' || verdict.outcome === 'rejected';
      if (isOver || this.stopped) {
        // An earlier try may have arrived although the last one was not sent.
        const outcome = isOver ? verdict.outcome : 'unknown';
        this.record(draft, startedAt, { ...verdict, outcome });
        return outcome;
      }
      await sleep(RETRY_MS);
    }
  }

  private async sendPlain(from: string): Promise<void> {
    const draft = this.draft(from);
    const startedAt = elapsed();
    const verdict = this.verdictOn(await this.post(draft), draft);
    this.record(draft, startedAt, verdict);
    if (verdict.outcome !== 'accepted') await sleep(RETRY_MS);
  }

  /** Half of a batch has keys. What is not accepted is not sent again. */
  private async sendBatch(from: string): Promise<void> {
    const { batchSize, target } = this.settings;
    if (this.accepted >= target) {
      await sleep(RETRY_MS);
      return;
    }
    const drafts = Array.from({ length: batchSize }, () => this.draft(from));
    const messages = drafts.map(({ from, to, text }, at) => ({
      ...{ from, to, message: text },
      ...(at % 2 === 0 && { idempotencyKey: `batch-${String(this.count - at)}` }),
    }));
    const startedAt = elapsed();
    const answer = await ask(`${this.url()}/send-messages`, 'POST', { messages });
    const { results } = (answer?.status === 207 ? answer.body : { results: [] }) as {
      results: Answer['body'][];
    };
    if (answer && answer.status !== 207 && answer.status !== 503) this.report('a batch', answer);
    drafts.forEach((draft, at) => {
      const result = results[at] as { status: number } | undefined;
      const single = result && { status: result.status, body: result };
      this.record(draft, startedAt, this.verdictOn(single, draft));
    });
    if (results.length === 0) await sleep(RETRY_MS);
  }

  private draft(from: string): Draft {
    const to = pick(this.settings.recipients, this.random);
    const chance = this.random();
    const { text } = this.text();
    if (chance < 0.004)
      return { from, to, text: text.padEnd(RECEIVED_LENGTH + 1, '.'), expected: 'too-long' };
    if (chance < 0.005) return { from: 'not a name', to, text, expected: 'invalid' };
    return { from, to, text, expected: 'stored' };
  }

  private text(): { readonly text: string } {
    this.count += 1;
    return { text: `message ${String(this.count)}` };
  }

  private post({ from, to, text, key }: Draft): Promise<Answer | undefined> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return ask(`${this.url()}/send-message`, 'POST', { from, to, message: text }, headers);
  }

  private url(): string {
    return pick(this.settings.urls, this.random);
  }

  private verdictOn(answer: Answer | undefined, draft: Draft): Verdict {
    if (answer === undefined) return { outcome: 'unknown' };
    const { id, outcome } = answer.body as { readonly id?: string; readonly outcome?: string };
    switch (answer.status) {
      case 201:
        return { outcome: 'accepted', ...(id !== undefined && draft.expected !== 'reused-key' && { id }) };
      case 503:
        return { outcome: outcome === 'not-sent' ? 'not-sent' : 'unknown' };
      case 400:
      case 422: {
        const isExpected = draft.expected === (answer.status === 400 ? 'invalid' : 'reused-key');
        if (!isExpected) this.report(draft.text, answer);
        return { outcome: 'rejected' };
      }
      default:
        this.report(draft.text, answer);
        return { outcome: 'unknown' };
    }
  }

  private report(what: string, { status, body }: Answer): void {
    this.unexplained.push(`${what} was answered ${String(status)}: ${JSON.stringify(body).slice(0, 300)}`);
  }

  private record({ from, to, text, expected }: Draft, startedAt: number, verdict: Verdict): void {
    if (verdict.outcome === 'accepted') this.accepted += 1;
    this.sends.push({ from, to, text, expected, startedAt, endedAt: elapsed(), ...verdict });
  }
}
