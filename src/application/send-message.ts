import { DomainError } from '../domain/errors.js';
import {
  checkMessage,
  InvalidMessage,
  type MessageContent,
  type RawMessage,
} from '../domain/message-rules.js';
import type { Message } from '../domain/message.js';
import type { Clock } from './ports/clock.js';
import type { IdSource } from './ports/id-source.js';
import type { RecordCodec, TraceContext } from './ports/record-codec.js';
import type { Telemetry } from './ports/telemetry.js';
import type { RecordSender } from './record-sender.js';
import type { Refusals } from './refusals.js';
import type { IdempotencyKeys } from './send-idempotency.js';

export interface SendRequest extends TraceContext {
  readonly content: RawMessage;
  /** 1 to 255 visible ASCII characters; checked at the edge. */
  readonly idempotencyKey?: string;
}

/**
 * `send` accepts a message: it resolves when the log has it durably, and rejects with `InvalidMessage` (recorded as a
 * failed message), `IdempotencyKeyReused`, `RecordTooLarge`, or `SendFailed`.
 *
 * `sendAll` accepts many, each for itself, with one result per request in their order; it never rejects. What goes to
 * one recipient reaches the log in the order given.
 */
export interface SendMessage {
  send(request: SendRequest): Promise<Message>;
  sendAll(requests: readonly SendRequest[]): Promise<readonly PromiseSettledResult<Message>[]>;
}

/** A send of which all is decided but whether the log takes it. `known`: it has it already. */
type Ready =
  | { readonly kind: 'new' | 'known'; readonly message: Message }
  | { readonly kind: 'refused'; readonly error: Error };

export class MessageSender implements SendMessage {
  constructor(
    private readonly messageMaxLength: number,
    private readonly log: RecordSender,
    private readonly codec: RecordCodec,
    private readonly ids: IdSource,
    private readonly keys: IdempotencyKeys,
    private readonly refusals: Pick<Refusals, 'record'>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly telemetry: Pick<Telemetry, 'accepted'>,
  ) {}

  async send(request: SendRequest): Promise<Message> {
    return this.dispatch(await this.ready(request), request);
  }

  async sendAll(requests: readonly SendRequest[]): Promise<readonly PromiseSettledResult<Message>[]> {
    const ready = await Promise.all(
      requests.map(async (request) => [request, await this.ready(request)] as const),
    );
    // All look-ups are over: nothing waits between two sends, so they reach the queue in this order.
    return Promise.allSettled(ready.map(([request, one]) => this.dispatch(one, request)));
  }

  private async ready({ content: raw, idempotencyKey }: SendRequest): Promise<Ready> {
    try {
      const content = checkMessage(raw, this.messageMaxLength);
      const sentAt = this.clock.now();
      if (idempotencyKey !== undefined) return await this.readyOnce(content, sentAt, idempotencyKey);
      return { kind: 'new', message: { ...content, id: this.ids.next(sentAt), sentAt } };
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'refused', error };
      throw error;
    }
  }

  private async readyOnce(content: MessageContent, sentAt: number, key: string): Promise<Ready> {
    const id = this.keys.idOf(content.from, key);
    const known = await this.keys.find(id, content);
    // What the ledger has was durable in the log before.
    if (known !== undefined) return { kind: 'known', message: known };
    return { kind: 'new', message: { ...content, id, sentAt } };
  }

  private async dispatch(ready: Ready, request: SendRequest): Promise<Message> {
    switch (ready.kind) {
      case 'refused':
        if (ready.error instanceof InvalidMessage) await this.refusals.record(request.content, ready.error);
        throw ready.error;
      case 'known':
        return ready.message;
      case 'new':
        await this.log.send(this.codec.encode(ready.message, request));
        this.telemetry.accepted(1);
        return ready.message;
    }
  }
}
