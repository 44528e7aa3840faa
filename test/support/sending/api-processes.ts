import { DependencyUnavailable, SendFailed } from '../../../src/application/errors.js';
import type { NewRecord } from '../../../src/application/ports/record-log.js';
import { InvalidSends } from '../../../src/application/sending/invalid-sends.js';
import { IdempotencyKeys } from '../../../src/application/sending/send-idempotency.js';
import { SendMessage, type SendRequest } from '../../../src/application/sending/send-message.js';
import type { Holding } from '../../../src/domain/inbox/message-status.js';
import type { Message, MessageId } from '../../../src/domain/message.js';
import { identities } from '../builders.js';
import type { DeliveryWorld } from '../delivery/delivery-world.js';
import { countingIds } from '../recorders.js';
import { silentTelemetry } from '../silent-telemetry.js';
import { appendRaw } from '../delivery/world-records.js';

/** `stale`: on time, with the state at the time of the call. `slow`: too late. */
export type LookUp = 'answers' | 'stale' | 'slow' | 'fails';
/** The result of one record. With `crash`, the log has it, and the process dies before it can report that. */
export type Publishing = 'kept' | 'twice' | 'crash' | 'response-lost' | 'not-sent';

/** The faults of the next look-up and of the next record. */
export interface Faults {
  lookUp(): LookUp;
  publishing(): Publishing;
  /** The delay of a record, in milliseconds. */
  latency(): number;
}

export const NO_FAULTS: Faults = {
  lookUp: () => 'answers',
  publishing: () => 'kept',
  latency: () => 0,
};

export type Answer =
  | { readonly kind: 'accepted'; readonly message: Message }
  | { readonly kind: 'refused'; readonly error: Error };

const MAX_LENGTH = 1_000;
const STALE_MS = 150;
const SLOW_MS = 300;
const never = <T>(): Promise<T> => new Promise(() => undefined);

/** One api process of a world. When it dies, its pending requests are never answered. */
export class ApiProcess {
  isDead = false;
  private readonly sender: SendMessage;

  constructor(
    private readonly world: DeliveryWorld,
    private readonly faults: () => Faults,
  ) {
    const { codec, clock } = world;
    const keys = new IdempotencyKeys({ find: (id) => this.find(id) }, identities, clock);
    const limits = { messageMaxLength: MAX_LENGTH, recordsPerSecond: 1_000 };
    const deadLetters = { send: (record: NewRecord) => this.recordDeadLetter(record) };
    const invalidSends = new InvalidSends(
      ...([limits, deadLetters, codec, countingIds, identities, clock, silentTelemetry] as const),
    );
    const log = { rejection: undefined, send: (record: NewRecord) => this.publish(record) };
    this.sender = new SendMessage(
      ...([MAX_LENGTH, log, codec, countingIds, keys, invalidSends, clock, silentTelemetry] as const),
    );
  }

  /** Sends a single request alone, and several requests in one batch. */
  send(requests: readonly SendRequest[], onAnswer: (at: number, answer: Answer) => void): void {
    const settled = (at: number, result: PromiseSettledResult<Message>): void => {
      if (this.isDead) return;
      if (result.status === 'fulfilled') onAnswer(at, { kind: 'accepted', message: result.value });
      // A sender rejects only with errors.
      else onAnswer(at, { kind: 'refused', error: result.reason as Error });
    };
    if (requests.length === 1 && requests[0]) {
      void Promise.allSettled([this.sender.send(requests[0])]).then(([result]) => {
        settled(0, result);
      });
    } else {
      void this.sender.sendAll(requests).then((results) => {
        results.forEach((result, at) => {
          settled(at, result);
        });
      });
    }
  }

  private async find(id: MessageId): Promise<Holding | undefined> {
    const { store } = this.world;
    switch (this.faults().lookUp()) {
      case 'answers':
        return store.find(id);
      case 'stale': {
        const found = await store.find(id);
        await this.delay(STALE_MS);
        return found;
      }
      case 'slow':
        await this.delay(SLOW_MS);
        return store.find(id);
      case 'fails':
        throw new DependencyUnavailable('store', new Error('down'));
    }
  }

  private async publish(record: NewRecord): Promise<void> {
    const publishing = this.faults().publishing();
    if (publishing === 'not-sent') throw new SendFailed('not-sent', undefined);
    await this.delay(this.faults().latency());
    if (this.isDead) return never();
    this.append(record);
    if (publishing === 'twice') {
      await this.delay(this.faults().latency());
      this.append(record);
    }
    if (publishing === 'crash') this.isDead = true;
    if (this.isDead) return never();
    if (publishing === 'response-lost') throw new SendFailed('unknown', undefined);
  }

  private append(record: NewRecord): void {
    appendRaw(this.world, String(record.key), record);
  }

  private recordDeadLetter(record: NewRecord): Promise<void> {
    this.world.feed.append('dead-letters', 0, { ...record, timestamp: this.world.clock.now() });
    return Promise.resolve();
  }

  private delay(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => this.world.clock.after(ms, resolve));
  }
}
