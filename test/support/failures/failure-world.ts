import { InMemoryFailures } from '../memory/in-memory-failures.js';
import { InMemoryLedger } from '../memory/in-memory-ledger.js';
import { JsonRecordCodec } from '../../../src/adapters/codec/json-record-codec.js';
import { DependencyUnavailable, RecordTooLarge, SendFailed } from '../../../src/application/errors.js';
import { FailureActions } from '../../../src/application/failures/failure-actions.js';
import { ReplayOutbox } from '../../../src/application/failures/replay-outbox.js';
import type { Ledger } from '../../../src/application/ports/ledger.js';
import type { LogRecord, NewRecord } from '../../../src/application/ports/record-log.js';
import type { DeadLetter, FailedMessage } from '../../../src/domain/failures/failed-message.js';
import type { Message, MessageId } from '../../../src/domain/message.js';
import type { Outcome } from '../../../src/domain/delivery/settlement.js';
import { identities } from '../builders.js';
import { FakeClock } from '../fake-clock.js';
import { countingIds } from '../recorders.js';
import { RecordingLogger } from '../recording-logger.js';
import { silentTelemetry } from '../silent-telemetry.js';

export const REPLAY_RULES = { messageMaxLength: 1_000, maxReplays: 5, leaseMs: 30_000 };

/** The result of a publication: written and confirmed, written with an unknown result, or never written. */
export type Publishing = 'confirmed' | 'response-lost' | 'lost' | 'too-large';

/** Failed messages with everything that acts on them, in this process. The process may die at every step. */
export class FailureWorld {
  readonly clock = new FakeClock();
  readonly ledger = new InMemoryLedger(this.clock, identities);
  readonly failures = new InMemoryFailures(this.ledger);
  readonly codec = new JsonRecordCodec(identities, REPLAY_RULES.messageMaxLength);
  readonly messages: LogRecord[] = [];
  readonly deadLetters: LogRecord[] = [];
  publishing: Publishing = 'confirmed';
  private confirmation: Promise<void> | undefined;
  /** The process dies before it records what it has published. */
  crashesBeforeNote = false;
  readonly operator: FailureActions;

  constructor() {
    this.operator = this.operatorOn(this.ledger);
  }

  /** Acts through another process's view of the ledger. */
  operatorOn(ledger: Pick<Ledger, 'amend'>): FailureActions {
    return new FailureActions(
      ...([
        ledger,
        this.ledger,
        this.newOutbox(),
        identities,
        REPLAY_RULES,
        this.clock,
        countingIds,
      ] as const),
    );
  }

  /** One more process that publishes. */
  newOutbox(): ReplayOutbox {
    const { ledger, failures, codec, clock } = this;
    const crashing = {
      amend: ledger.amend.bind(ledger),
      amendAll: (...args: Parameters<typeof ledger.amendAll>) =>
        this.crashesBeforeNote
          ? Promise.reject(new DependencyUnavailable('store', new Error('died')))
          : ledger.amendAll(...args),
    };
    const log = { send: (record: NewRecord) => this.publish(record) };
    return new ReplayOutbox(
      ...([crashing, failures, log, codec, REPLAY_RULES.leaseMs, clock] as const),
      ...([new RecordingLogger(), silentTelemetry] as const),
    );
  }

  /** Sends a message that fails at its first delivery. */
  async fail(message: Message, reason = 'it would not be written'): Promise<void> {
    this.append(this.codec.encode(message, {}));
    await this.deliver(this.messages.length - 1, reason);
  }

  /** Delivers a record of the log, possibly again: it is stored, or fails for the given reason. */
  async deliver(index: number, reason?: string): Promise<Outcome | undefined> {
    const record = this.messages[index];
    if (record === undefined) return undefined;
    const decoded = this.codec.decode(record);
    if (decoded.kind === 'message' && reason === undefined) {
      const { message, content, replays } = decoded;
      const [outcome] = await this.ledger.settle([{ kind: 'delivery', message, content, replays }]);
      return outcome;
    }
    const letter: DeadLetter = {
      ...decoded.message,
      ...{ content: decoded.content, key: record.key, value: record.value, truncated: false },
      ...{ reason: reason ?? 'invalid', code: 'delivery-failed', disposition: 'exhausted', attempts: 4 },
      ...{ failedAt: this.clock.now(), replays: decoded.replays },
      origin: { topic: 'messages', partition: 0, offset: record.offset, group: 'receiver' },
    };
    this.deadLetters.push(this.record(this.codec.encodeDeadLetter(letter), this.deadLetters.length));
    return this.redeliver(this.deadLetters.length - 1);
  }

  /** Records a dead letter, possibly again. */
  async redeliver(index: number): Promise<Outcome | undefined> {
    const record = this.deadLetters[index];
    if (record === undefined) return undefined;
    const letter = this.codec.decodeDeadLetter(record);
    const [outcome] = await this.ledger.settle([{ kind: 'dead-letter', letter }]);
    return outcome;
  }

  /** Lets another process take over what earlier ones have left. */
  async continueInNewProcess(): Promise<void> {
    await this.clock.advance(REPLAY_RULES.leaseMs + 1);
    const outbox = this.newOutbox();
    outbox.start();
    await this.clock.advance(0);
    await outbox.stop();
  }

  /** Records get into the log, and are confirmed when the function returned is called. */
  deferConfirmations(): () => void {
    let confirm = (): void => undefined;
    this.confirmation = new Promise((resolve) => {
      confirm = resolve;
    });
    return () => {
      this.confirmation = undefined;
      confirm();
    };
  }

  async failure(id: MessageId): Promise<FailedMessage | undefined> {
    return (await this.ledger.find(id))?.failure;
  }

  private publish(record: NewRecord): Promise<void> {
    switch (this.publishing) {
      case 'confirmed':
        this.append(record);
        return this.confirmation ?? Promise.resolve();
      case 'response-lost':
        this.append(record);
        return Promise.reject(new SendFailed('unknown', undefined));
      case 'lost':
        return Promise.reject(new SendFailed('not-sent', undefined));
      case 'too-large':
        return Promise.reject(new RecordTooLarge());
    }
  }

  private append(record: NewRecord): void {
    this.messages.push(this.record(record, this.messages.length));
  }

  private record(record: NewRecord, offset: number): LogRecord {
    return { ...record, topic: 'messages', partition: 0, offset, timestamp: this.clock.now() };
  }
}
