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
 * Accepts a message: resolves when the log has it durably. Rejects with `InvalidMessage` (recorded as a failed
 * message), `IdempotencyKeyReused`, `RecordTooLarge`, or `SendFailed`.
 */
export interface SendMessage {
  send(request: SendRequest): Promise<Message>;
}

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
    let content: MessageContent;
    try {
      content = checkMessage(request.content, this.messageMaxLength);
    } catch (error) {
      if (error instanceof InvalidMessage) await this.refusals.record(request.content, error);
      throw error;
    }
    const sentAt = this.clock.now();
    if (request.idempotencyKey !== undefined)
      return this.sendOnce(content, sentAt, request.idempotencyKey, request);
    return this.publish({ ...content, id: this.ids.next(sentAt), sentAt }, request);
  }

  private async sendOnce(
    content: MessageContent,
    sentAt: number,
    key: string,
    trace: TraceContext,
  ): Promise<Message> {
    const id = this.keys.idOf(content.from, key);
    const known = await this.keys.find(id, content);
    // What the ledger has was durable in the log before.
    if (known !== undefined) return { ...content, id, sentAt: known.failure?.sentAt ?? sentAt };
    return this.publish({ ...content, id, sentAt }, trace);
  }

  private async publish(message: Message, trace: TraceContext): Promise<Message> {
    await this.log.send(this.codec.encode(message, trace));
    this.telemetry.accepted(1);
    return message;
  }
}
