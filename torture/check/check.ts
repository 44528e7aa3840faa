import type { FinalState, History, Violation } from '../history.js';
import { checkFailures } from './failures.js';
import { checkMessages } from './messages.js';
import { checkNumbers, checkOrder } from './order.js';
import { checkViews } from './views.js';

/** Holds everything that clients and operators saw against what the store holds at the end. */
export function check(history: History, final: FinalState): Violation[] {
  const unexplained = history.unexplained.map((detail) => ({ rule: 'unexplained-answer', detail }) as const);
  return [
    ...checkMessages(history, final),
    ...checkOrder(history, final),
    ...checkNumbers(final),
    ...checkViews(history, final),
    ...checkFailures(history, final),
    ...unexplained,
  ];
}
