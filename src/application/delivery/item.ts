import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Entry } from '../../domain/delivery/settlement.js';
import type { LogRecord } from '../ports/log/record-log.js';

/** What has to happen to an item next. */
export type Step =
  | { readonly kind: 'settle' }
  /** By itself, so that its failure is its own. */
  | { readonly kind: 'settle-alone' }
  | { readonly kind: 'wait'; readonly delayMs: number }
  | { readonly kind: 'publish'; readonly letter: DeadLetter };

/** A record on its way to its one outcome. */
export interface Item {
  readonly record: LogRecord;
  /** Items of one lane are finished in the order of the log: the recipient, where there is a valid one. */
  readonly lane: string;
  /** Missing where there is nothing to settle before a dead letter was confirmed. */
  entry: Entry | undefined;
  step: Step;
  /** Tries that counted. */
  attempts: number;
}

export function sizeOf({ record }: Item): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0);
}
