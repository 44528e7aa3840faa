import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import { RecordTooLarge } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { RecordCodec } from '../../ports/record-codec.js';
import type { Telemetry } from '../../ports/telemetry.js';
import type { RunSender } from '../../ports/record-log.js';
import { outageDelay } from '../../../domain/outage-delay.js';
import { sleep } from '../../timing.js';
import { truncateFurther } from './truncate-further.js';

/** The log's answer for one of several dead letters that are published together. */
export interface LetterAnswer {
  /** The index of the dead letter in the call. */
  readonly place: number;
  readonly isConfirmed: boolean;
}

/** Publishes dead letters and waits for the log's confirmation. */
export class DeadLetterPublisher {
  constructor(
    private readonly sender: RunSender,
    private readonly codec: RecordCodec,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly telemetry: Telemetry,
  ) {}

  /**
   * Publishes one dead letter, retrying through outages. Resolves with the letter as written, which may be
   * truncated; undefined if `isOver` became true first.
   */
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
        else await sleep(this.clock, outageDelay(attempt++, this.random()));
      }
    }
    return undefined;
  }

  /**
   * Publishes dead letters together, once. Calls back with the answers for each partition as soon as the log has
   * answered for it.
   */
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
}
