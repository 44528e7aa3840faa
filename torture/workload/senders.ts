import { setTimeout as sleep } from 'node:timers/promises';
import { elapsed } from '../clock.js';
import type { Expectation, SendOutcome, SentMessage } from '../history.js';
import { between, pick, seededRandom } from '../random.js';
import { MAX_RECEIVED_LENGTH } from '../system.js';
import { request, type HttpResponse } from './request.js';

interface Draft {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly expected: Expectation;
  readonly key?: string;
}

interface SendResult {
  readonly outcome: SendOutcome;
  readonly id?: string;
}

export interface SenderSettings {
  readonly urls: readonly string[];
  /** The recipients of single messages, and of one message in ten of a batch. */
  readonly recipients: readonly string[];
  /** The recipients of the other messages of batches. */
  readonly batchRecipients: readonly string[];
  readonly seed: number;
  /** Paces the batches: no batch is sent while at least this many messages are acknowledged. */
  readonly budget: () => number;
}

const PAUSE_MS = 15;
const RETRY_MS = 250;
/**
 * How long a batch sender waits after a batch that was not accepted. A shorter wait would overload the api processes
 * with batches that time out.
 */
const BATCH_BACKOFF_MS = [500, 3_000] as const;
const BATCH_SENDERS = 4;
const BATCH_SIZE = [20, 1_000] as const;
/** The share of sends that their client aborts, and when, so that the response is lost. */
const ABORTED_SHARE = 0.01;
const ABORT_AFTER_MS = [1, 60] as const;
/** The number of batch recipients of one batch. With more of them, each message costs the ledger more. */
const RECIPIENTS_PER_BATCH = 25;

/** Clients that send in three ways: single sends with an idempotency key, single sends without one, and batches. */
export class Senders {
  readonly sends: SentMessage[] = [];
  readonly unexplained: string[] = [];
  accepted = 0;
  /** Sends that their client aborted before the response arrived. */
  abortedSends = 0;
  private readonly random: () => number;
  private readonly running: Promise<void>[];
  private stopped = false;
  private count = 0;

  constructor(private readonly settings: SenderSettings) {
    this.random = seededRandom(settings.seed);
    this.running = [
      ...Array.from({ length: 4 }, (_, n) => this.loop(() => this.sendWithKey(`keyed-${String(n)}`))),
      ...Array.from({ length: 4 }, (_, n) => this.loop(() => this.sendPlain(`plain-${String(n)}`))),
      ...Array.from({ length: BATCH_SENDERS }, (_, n) =>
        this.loop(() => this.sendBatch(`batch-${String(n)}`, n)),
      ),
    ];
  }

  /** Stops starting new sends and waits for those in flight. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async loop(sendOnce: () => Promise<void>): Promise<void> {
    while (!this.stopped) {
      await sendOnce();
      await sleep(PAUSE_MS);
    }
  }

  /**
   * Repeats a send with the same key until it gets a final response. Then sometimes reuses the key for
   * another text.
   */
  private async sendWithKey(from: string): Promise<void> {
    const draft = { ...this.draft(from), key: `key-${String(this.count)}` };
    const outcome = await this.sendUntilAnswered(draft);
    if (outcome !== 'accepted' || this.random() > 0.01) return;
    await this.sendUntilAnswered({ ...draft, ...this.text(), expected: 'reused-key' });
  }

  private async sendUntilAnswered(draft: Draft): Promise<SendOutcome> {
    const startedAt = elapsed();
    for (;;) {
      const sendResult = this.classify(await this.post(draft), draft);
      const isFinal = sendResult.outcome === 'accepted' || sendResult.outcome === 'rejected';
      if (isFinal || this.stopped) {
        // An earlier attempt may have arrived although the last one was not sent.
        const outcome = isFinal ? sendResult.outcome : 'unknown';
        this.record(draft, startedAt, { ...sendResult, outcome });
        return outcome;
      }
      await sleep(RETRY_MS);
    }
  }

  private async sendPlain(from: string): Promise<void> {
    const draft = this.draft(from);
    const startedAt = elapsed();
    const sendResult = this.classify(await this.post(draft), draft);
    this.record(draft, startedAt, sendResult);
    if (sendResult.outcome !== 'accepted') await sleep(RETRY_MS);
  }

  /**
   * Sends a batch in which half of the messages have keys. Messages that are not accepted are not sent again.
   * Each sender uses one api process, so that an api process that does not answer delays only half of the
   * senders.
   */
  private async sendBatch(from: string, sender: number): Promise<void> {
    if (this.accepted >= this.settings.budget()) {
      await sleep(RETRY_MS);
      return;
    }
    const length = between(...BATCH_SIZE, this.random);
    const recipients = this.recipientsOfBatch();
    const drafts = Array.from({ length }, () => this.draft(from, recipients));
    const messages = drafts.map(({ from, to, text }, at) => ({
      ...{ from, to, message: text },
      ...(at % 2 === 0 && { idempotencyKey: `batch-${String(this.count - at)}` }),
    }));
    const startedAt = elapsed();
    const response = await request(
      `${this.urlOfSender(sender)}/send-messages`,
      'POST',
      { messages },
      {},
      this.requestTimeoutMs(),
    );
    const { results = [] } = (response?.body ?? {}) as { readonly results?: readonly { status: number }[] };
    if (response && response.status !== 207 && response.status !== 503) this.report('a batch', response);
    const before = this.accepted;
    drafts.forEach((draft, at) => {
      const result = results[at];
      const single = result && { status: result.status, body: result };
      // If the whole batch gets 503, none of its messages were sent.
      const sendResult =
        response?.status === 503 ? ({ outcome: 'not-sent' } as const) : this.classify(single, draft);
      this.record(draft, startedAt, sendResult);
    });
    if (this.accepted - before < length / 2) await sleep(between(...BATCH_BACKOFF_MS, this.random));
  }

  private recipientsOfBatch(): readonly string[] {
    const { recipients, batchRecipients } = this.settings;
    const start = Math.floor((this.random() * batchRecipients.length) / RECIPIENTS_PER_BATCH);
    const own = batchRecipients.slice(start * RECIPIENTS_PER_BATCH, (start + 1) * RECIPIENTS_PER_BATCH);
    const single = pick(recipients, this.random);
    return own.flatMap((client, at) => (at % 10 === 0 ? [client, single] : client));
  }

  private draft(from: string, recipients = this.settings.recipients): Draft {
    const to = pick(recipients, this.random);
    const chance = this.random();
    const { text } = this.text();
    if (chance < 0.004)
      return { from, to, text: text.padEnd(MAX_RECEIVED_LENGTH + 1, '.'), expected: 'too-long' };
    if (chance < 0.005) return { from: 'not a name', to, text, expected: 'invalid' };
    return { from, to, text, expected: 'stored' };
  }

  private text(): { readonly text: string } {
    this.count += 1;
    return { text: `message ${String(this.count)}` };
  }

  private post({ from, to, text, key }: Draft): Promise<HttpResponse | undefined> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return request(
      `${this.url()}/send-message`,
      'POST',
      { from, to, message: text },
      headers,
      this.requestTimeoutMs(),
    );
  }

  private requestTimeoutMs(): number | undefined {
    if (this.random() >= ABORTED_SHARE) return undefined;
    this.abortedSends += 1;
    return between(...ABORT_AFTER_MS, this.random);
  }

  private urlOfSender(sender: number): string {
    const { urls } = this.settings;
    return urls[sender % urls.length] ?? '';
  }

  private url(): string {
    return pick(this.settings.urls, this.random);
  }

  private classify(response: HttpResponse | undefined, draft: Draft): SendResult {
    if (response === undefined) return { outcome: 'unknown' };
    const { id, outcome } = response.body as { readonly id?: string; readonly outcome?: string };
    switch (response.status) {
      case 201:
        return { outcome: 'accepted', ...(id !== undefined && draft.expected !== 'reused-key' && { id }) };
      case 503:
        return { outcome: outcome === 'not-sent' ? 'not-sent' : 'unknown' };
      case 400:
      case 422: {
        const isExpected = draft.expected === (response.status === 400 ? 'invalid' : 'reused-key');
        if (!isExpected) this.report(draft.text, response);
        return { outcome: 'rejected' };
      }
      default:
        this.report(draft.text, response);
        return { outcome: 'unknown' };
    }
  }

  private report(what: string, { status, body }: HttpResponse): void {
    this.unexplained.push(`${what} was answered ${String(status)}: ${JSON.stringify(body).slice(0, 300)}`);
  }

  private record({ from, to, text, expected }: Draft, startedAt: number, sendResult: SendResult): void {
    if (sendResult.outcome === 'accepted') this.accepted += 1;
    this.sends.push({ from, to, text, expected, startedAt, endedAt: elapsed(), ...sendResult });
  }
}
