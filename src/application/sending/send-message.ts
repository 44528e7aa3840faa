import { DomainError } from '../../domain/errors.js';
import {
  checkMessage,
  InvalidMessage,
  type MessageContent,
  type RawMessage,
} from '../../domain/message-rules.js';
import type { Message } from '../../domain/message.js';
import type { Clock, IdSource } from '../ports/clock.js';
import type { RecordCodec, TraceContext } from '../ports/record-codec.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { BoundedSender } from '../ports/record-log.js';
import type { InvalidSends } from './invalid-sends.js';
import type { IdempotencyKeys } from './send-idempotency.js';

export interface SendRequest extends TraceContext {
  readonly content: RawMessage;
  /** 1 to 255 visible ASCII characters. The HTTP adapter checks that. */
  readonly idempotencyKey?: string;
}

/** A checked send, ready to append. `known`: it is already in the log. */
type Ready =
  | { readonly kind: 'new' | 'known'; readonly message: Message }
  | { readonly kind: 'rejected'; readonly error: Error };

/**
 * Accepts messages.
 *
 * `send` resolves when the message is durable in the log. It rejects with `InvalidMessage` (then the send is
 * recorded as a failed message), `IdempotencyKeyReused`, `RecordTooLarge` or `SendFailed`.
 *
 * `sendAll` accepts each of many messages independently, with one result per request in their order. It never
 * rejects. Messages to one recipient reach the log in the given order.
 */
export class SendMessage {
  constructor(
    private readonly messageMaxLength: number,
    private readonly log: BoundedSender,
    private readonly codec: RecordCodec,
    private readonly ids: IdSource,
    private readonly keys: IdempotencyKeys,
    private readonly invalidSends: Pick<InvalidSends, 'record'>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly telemetry: Pick<Telemetry, 'accepted'>,
  ) {}

  /** The error that every send would now be rejected with, except for a message that is already in the log. */
  get rejection(): Error | undefined {
    return this.log.rejection;
  }

  async send(request: SendRequest): Promise<Message> {
    const ready = this.ready(request);
    return this.dispatch(ready instanceof Promise ? await ready : ready, request);
  }

  async sendAll(requests: readonly SendRequest[]): Promise<readonly PromiseSettledResult<Message>[]> {
    const ready = requests.map((request) => [request, this.ready(request)] as const);
    const prepared = ready.some(([, send]) => send instanceof Promise)
      ? await Promise.all(ready.map(async ([request, send]) => [request, await send] as const))
      : // None of them is a promise.
        (ready as [SendRequest, Ready][]);
    // All look-ups are done: no send awaits anything before it enters the queue, so the order is kept.
    return Promise.allSettled(prepared.map(([request, send]) => this.dispatch(send, request)));
  }

  /** Returns a promise only for a send with a key, which needs a look-up. */
  private ready({ content: raw, idempotencyKey }: SendRequest): Ready | Promise<Ready> {
    try {
      const content = checkMessage(raw, this.messageMaxLength);
      const sentAt = this.clock.now();
      if (idempotencyKey !== undefined) return this.readyWithKey(content, sentAt, idempotencyKey);
      return { kind: 'new', message: { ...content, id: this.ids.next(sentAt), sentAt } };
    } catch (error) {
      return rejectedBy(error);
    }
  }

  private async readyWithKey(content: MessageContent, sentAt: number, key: string): Promise<Ready> {
    const id = this.keys.idOf(content.from, key);
    try {
      const known = await this.keys.find(id, content);
      // What the ledger knows is durable in the log.
      if (known !== undefined) return { kind: 'known', message: known };
      return { kind: 'new', message: { ...content, id, sentAt } };
    } catch (error) {
      return rejectedBy(error);
    }
  }

  private async dispatch(ready: Ready, request: SendRequest): Promise<Message> {
    switch (ready.kind) {
      case 'rejected':
        if (ready.error instanceof InvalidMessage)
          await this.invalidSends.record(request.content, ready.error);
        throw ready.error;
      case 'known':
        return ready.message;
      case 'new':
        // Skips encoding under overload, where it would be most of the work.
        if (this.log.rejection !== undefined) throw this.log.rejection;
        await this.publish(ready.message, request);
        this.telemetry.accepted(1);
        return ready.message;
    }
  }

  private publish(message: Message, request: SendRequest): Promise<void> {
    const record = this.codec.encode(message, request);
    if (request.idempotencyKey === undefined) return this.log.send(record);
    const reservation = this.keys.reserve(message);
    return this.log.send(record).finally(() => {
      reservation.release();
    });
  }
}

/** Returns a rejected send for a broken rule, and rethrows a defect. */
function rejectedBy(error: unknown): Ready {
  if (error instanceof DomainError) return { kind: 'rejected', error };
  throw error;
}
