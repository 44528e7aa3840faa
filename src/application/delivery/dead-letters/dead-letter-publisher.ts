import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import type { DeliveryPolicy } from '../../../domain/delivery/delivery-policy.js';
import { RecordTooLarge } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { RecordCodec } from '../../ports/log/record-codec.js';
import type { Telemetry } from '../../ports/telemetry.js';
import type { RunSender } from '../../ports/log/record-sender.js';
import { truncateFurther } from './truncate-further.js';

/** Of one of the dead letters that are published together. */
export interface LetterAnswer {
  /** Among those dead letters. */
  readonly place: number;
  readonly isConfirmed: boolean;
}

/** Writes dead letters to their topic, and does not come back before the log has confirmed. */
export class DeadLetterPublisher {
  constructor(
    private readonly sender: RunSender,
    private readonly codec: RecordCodec,
    private readonly policy: DeliveryPolicy,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly telemetry: Telemetry,
  ) {}

  /** Resolves with the letter as it was written; undefined where `isOver` became true while the log was down. */
  async publish(letter: DeadLetter, isOver: () => boolean): Promise<DeadLetter | undefined> {
    let written = letter;
    for (let attempt = 1; !isOver();) {
      try {
        await this.sender.send(this.codec.encodeDeadLetter(written));
        this.telemetry.deadLettered(written.code, written.id);
        return written;
      } catch (error) {
        const shorter = error instanceof RecordTooLarge ? truncateFurther(written) : undefined;
        if (shorter) written = shorter;
        else await this.pause(attempt++);
      }
    }
    return undefined;
  }

  /** Publishes dead letters together, once. Calls back with those of a partition when the log has answered. */
  publishAll(letters: readonly DeadLetter[], onAnswer: (answers: readonly LetterAnswer[]) => void): void {
    const records = letters.map((letter) => this.codec.encodeDeadLetter(letter));
    this.sender.sendAll(records, ({ places, results }) => {
      onAnswer(
        places.map((place, at) => {
          const isConfirmed = results[at] === 'appended';
          const letter = letters[place];
          if (isConfirmed && letter) this.telemetry.deadLettered(letter.code, letter.id);
          return { place, isConfirmed };
        }),
      );
    });
  }

  private pause(attempt: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(this.policy.outageDelay(attempt, this.random()), resolve);
    });
  }
}
