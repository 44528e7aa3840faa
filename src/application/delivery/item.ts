import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Entry } from '../../domain/delivery/settlement.js';
import type { LogRecord } from '../ports/record-log.js';

/** The next step of an item. */
export type Step =
  | { readonly kind: 'settle' }
  /** Settle it in a separate batch, so that only this item can be the cause of a failure. */
  | { readonly kind: 'settle-alone' }
  /** Settle it alone after a delay. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'publish'; readonly letter: DeadLetter };

/** A record that has no outcome yet. Never changed: an item with the next step replaces it. */
export interface Item {
  readonly record: LogRecord;
  /** Items with the same ordering key are finished in log order. It is the recipient, if there is a valid one. */
  readonly orderingKey: string;
  /** Absent if nothing can be settled until the log has confirmed a dead letter. */
  readonly entry: Entry | undefined;
  readonly step: Step;
  /** Counted attempts. */
  readonly attempts: number;
}

export function sizeOf({ record }: Item): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0);
}
