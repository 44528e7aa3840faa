import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Entry } from '../../domain/delivery/settlement.js';
import type { LogRecord } from '../ports/record-log.js';

/** The next step of an item. */
export type Step =
  | { readonly kind: 'settle' }
  /** Settle it in a separate batch, so that only this item can be the cause of a failure. */
  | { readonly kind: 'settle-alone' }
  | { readonly kind: 'wait'; readonly delayMs: number }
  | { readonly kind: 'publish'; readonly letter: DeadLetter };

/** A record that has no outcome yet. */
export interface Item {
  readonly record: LogRecord;
  /** Items with the same ordering key are finished in log order. It is the recipient, if there is a valid one. */
  readonly orderingKey: string;
  /** Absent if nothing can be settled until the log has confirmed a dead letter. */
  entry: Entry | undefined;
  step: Step;
  /** Counted attempts. */
  attempts: number;
}

export function sizeOf({ record }: Item): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0);
}
