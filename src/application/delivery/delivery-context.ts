import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Outcome } from '../../domain/delivery/settlement.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger } from '../ports/ledger.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { LetterAnswer } from './dead-letters/dead-letter-publisher.js';
import type { Decode } from './decoding.js';
import type { Item } from './item.js';
import type { Outage } from './outage.js';

/** What the partitions of one topic share. */
export interface DeliveryContext {
  readonly group: string;
  readonly decode: Decode;
  readonly ledger: Ledger;
  readonly policy: DeliveryPolicy;
  readonly outage: Outage;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly random: () => number;
  readonly parkedMax: number;
  settle(batch: readonly Item[]): Promise<readonly Outcome[]>;
  /**
   * Publishes dead letters together. Calls back with the answers for some of them at a time, until each has an answer.
   */
  publishAll(letters: readonly DeadLetter[], onAnswer: (answers: readonly LetterAnswer[]) => void): void;
  publish(letter: DeadLetter, isOver: () => boolean): Promise<DeadLetter | undefined>;
}
