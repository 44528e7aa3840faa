import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Identities } from '../../domain/identity.js';
import type { Message } from '../../domain/message.js';
import type { InvalidMessage, RawMessage } from '../../domain/message-rules.js';
import { recordMembers } from '../../domain/sending/recorded-members.js';
import type { Clock, IdSource } from '../ports/clock.js';
import type { RecordCodec } from '../ports/record-codec.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { RecordSender } from '../ports/record-log.js';
import { settledWithin } from '../timing.js';

export interface InvalidSendSettings {
  readonly messageMaxLength: number;
  /** Invalid sends beyond this rate are only counted, so that they cannot fill the log. */
  readonly recordsPerSecond: number;
}

const RECORDING_WAIT_MS = 1_000;

/** Records invalid sends as failed messages, through the dead-letter topic like every other failure. */
export class InvalidSends {
  private tokens: number;
  private refilledAt: number;

  constructor(
    private readonly settings: InvalidSendSettings,
    private readonly deadLetters: RecordSender,
    private readonly codec: RecordCodec,
    private readonly ids: IdSource,
    private readonly identities: Identities,
    private readonly clock: Clock,
    private readonly telemetry: Pick<Telemetry, 'invalid'>,
  ) {
    this.tokens = this.capacity;
    this.refilledAt = clock.elapsed();
  }

  /**
   * Records an invalid send. Resolves when it is recorded or has failed, and after a second at the latest. Never
   * rejects.
   */
  async record(raw: RawMessage, error: InvalidMessage): Promise<void> {
    if (!this.takeToken()) {
      this.telemetry.invalid(false);
      return;
    }
    const record = this.codec.encodeDeadLetter(this.deadLetterOf(raw, error));
    const recorded = this.deadLetters.send(record).then(
      () => true,
      () => false,
    );
    void recorded.then((success) => {
      this.telemetry.invalid(success);
    });
    await settledWithin(this.clock, RECORDING_WAIT_MS, recorded);
  }

  private takeToken(): boolean {
    const now = this.clock.elapsed();
    const gained = ((now - this.refilledAt) / 1_000) * this.settings.recordsPerSecond;
    this.tokens = Math.min(this.capacity, this.tokens + gained);
    this.refilledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** One second's worth of tokens, but at least one, so that rates below one per second work. */
  private get capacity(): number {
    const { recordsPerSecond } = this.settings;
    return recordsPerSecond === 0 ? 0 : Math.max(1, recordsPerSecond);
  }

  private deadLetterOf(raw: RawMessage, error: InvalidMessage): DeadLetter {
    const now = this.clock.now();
    const { members, altered } = recordMembers(raw, error, this.settings.messageMaxLength);
    const message: Message = { ...members, id: this.ids.next(now), sentAt: now };
    const { key, value } = this.codec.encode(message, {});
    return {
      ...message,
      ...{ key, value, altered, reason: error.reason, code: error.code, disposition: 'refused' },
      content: this.identities.contentOf(message),
      ...{ truncated: false, attempts: 0, failedAt: now, replays: 0 },
    };
  }
}
