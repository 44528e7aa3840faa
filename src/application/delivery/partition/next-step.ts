import type { WriteFailure } from '../../../domain/delivery/delivery-policy.js';
import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import type { Entry, Outcome } from '../../../domain/delivery/settlement.js';
import { DependencyUnavailable, DocumentRejected, isDocumentTooLarge } from '../../errors.js';
import { deadLetterOf, type Verdict } from '../decoding.js';
import type { DeliveryContext } from '../delivery-context.js';
import type { Item } from '../item.js';
import { succeeds } from '../outage.js';
import { truncateFurther } from '../dead-letters/truncate-further.js';

type Delivery = Extract<Entry, { kind: 'delivery' }>;

/** Reports whether the outcome finishes the item; otherwise sets the item's next step. */
export function afterOutcome(item: Item, outcome: Outcome, context: DeliveryContext): boolean {
  switch (outcome.kind) {
    case 'stored':
    case 'duplicate':
    case 'recorded':
      report(item, outcome, context);
      return true;
    case 'deferred':
      return false;
    case 'reused': {
      const first = (item.entry as Delivery).message.id;
      const reason = `The id was used before for another message (${first}).`;
      const verdict = { disposition: 'rejected', code: 'idempotency-key-reused', reason } as const;
      const letter = letterOf(item, verdict, context);
      item.step = { kind: 'publish', letter: { ...letter, id: outcome.id, conflictsWith: first } };
      return false;
    }
  }
}

/** Sets the next step of a single item that could not be written. Returns what to do with the batch. */
export async function afterFailure(
  batch: readonly Item[],
  error: unknown,
  context: DeliveryContext,
): Promise<'halve' | 'outage' | 'stepped'> {
  const failure = failureOf(error);
  const item = batch[0] as Item;
  const alone = batch.length === 1;
  const othersSucceed = alone && failure === 'unknown' && (await succeeds(context.ledger));
  const { attempts } = item;
  const decision = context.policy.decide(
    { failure, entries: batch.length, othersSucceed, attempts },
    context.random(),
  );
  if (decision.kind === 'halve' || decision.kind === 'outage') return decision.kind;
  item.attempts += 1;
  if (item.entry?.kind === 'dead-letter') keepTrying(item, item.entry.letter, error, context);
  else if (decision.kind === 'retry') item.step = { kind: 'wait', delayMs: decision.delayMs };
  else item.step = { kind: 'publish', letter: letterOf(item, verdictOn(decision.kind, error), context) };
  return 'stepped';
}

/**
 * A dead letter is never dead-lettered. While the store rejects it as too large, it is truncated further; otherwise
 * it is retried without limit.
 */
function keepTrying(item: Item, letter: DeadLetter, error: unknown, context: DeliveryContext): void {
  const shorter = isDocumentTooLarge(error) ? truncateFurther(letter) : undefined;
  if (shorter) {
    item.entry = { kind: 'dead-letter', letter: shorter };
    item.step = { kind: 'settle-alone' };
  } else {
    item.step = { kind: 'wait', delayMs: context.policy.outageDelay(item.attempts, context.random()) };
  }
}

function verdictOn(decision: 'reject' | 'exhausted', error: unknown): Verdict {
  const reason = error instanceof Error ? error.message : String(error);
  if (decision === 'exhausted') return { disposition: 'exhausted', code: 'store-failed', reason };
  return { disposition: 'rejected', code: (error as DocumentRejected).code, reason };
}

function letterOf(item: Item, verdict: Verdict, context: DeliveryContext): DeadLetter {
  const attempts = Math.max(1, item.attempts);
  const failedAt = context.clock.now();
  return deadLetterOf(item.record, context.group, item.entry as Delivery, {
    ...verdict,
    attempts,
    failedAt,
  });
}

function failureOf(error: unknown): WriteFailure {
  if (error instanceof DependencyUnavailable) return 'unavailable';
  return error instanceof DocumentRejected ? 'rejected' : 'unknown';
}

function report(item: Item, outcome: Outcome, { telemetry, clock }: DeliveryContext): void {
  telemetry.settled(outcome.kind);
  if (outcome.kind !== 'stored') return;
  // eslint-disable-next-line no-restricted-syntax -- the sender may be another process
  telemetry.delivered(clock.now() - (item.entry as Delivery).message.sentAt);
}
