import type { FinalState, History, Violation } from '../history.js';
import { checkFailures } from './failures.js';
import { checkMessages } from './messages.js';
import { checkNumbers, checkOrder } from './order.js';
import { checkViews } from './views.js';

/** Compares what clients and operators saw with the final content of the store. */
export function check(history: History, final: FinalState): Violation[] {
  const unexplained = history.unexplained.map(
    (detail) => ({ rule: 'unexplained-response', detail }) as const,
  );
  return [
    ...checkMessages(history, final),
    ...checkOrder(history, final),
    ...checkNumbers(final),
    ...checkViews(history, final),
    ...checkFailures(history, final),
    ...unexplained,
  ];
}
