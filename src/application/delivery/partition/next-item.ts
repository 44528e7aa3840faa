import type {
  AfterFailedWrite,
  FailedWrite,
  WriteFailure,
} from '../../../domain/delivery/after-failed-write.js';
import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import type { Entry, Outcome } from '../../../domain/delivery/settlement.js';
import { DependencyUnavailable, DocumentRejected, isDocumentTooLarge } from '../../errors.js';
import { deadLetterOf, type Verdict } from '../decoding.js';
import type { DeliveryContext } from '../delivery-context.js';
import type { Item } from '../item.js';
import { truncateFurther } from '../dead-letters/truncate-further.js';

type Delivery = Extract<Entry, { kind: 'delivery' }>;
type AfterFailure<K extends AfterFailedWrite['kind']> = Extract<AfterFailedWrite, { kind: K }>;

/** Returns the item as it continues after the outcome; undefined if the outcome finishes it. */
export function afterOutcome(item: Item, outcome: Outcome, context: DeliveryContext): Item | undefined {
  switch (outcome.kind) {
    case 'stored':
    case 'duplicate':
    case 'recorded':
      report(item, outcome, context);
      return undefined;
    case 'deferred':
      return item;
    case 'reused': {
      const first = (item.entry as Delivery).message.id;
      const reason = `The id was used before for another message (${first}).`;
      const verdict = { disposition: 'rejected', code: 'idempotency-key-reused', reason } as const;
      const letter = letterOf(item, verdict, context);
      const publish = {
        kind: 'publish',
        letter: { ...letter, id: outcome.id, conflictsWith: first },
      } as const;
      return { ...item, step: publish };
    }
  }
}

/** Describes a failed write to the domain. `othersSucceed` is undefined before a probe. */
export function failedWrite(
  batch: readonly Item[],
  error: unknown,
  othersSucceed: boolean | undefined,
): FailedWrite {
  const { entry, attempts } = batch[0] as Item;
  const letter = entry?.kind === 'dead-letter' ? entry.letter : undefined;
  // Only a single entry is truncated, and a shorter copy costs a copy of its bytes.
  const mayTruncate = batch.length === 1 && isDocumentTooLarge(error);
  return {
    failure: failureOf(error),
    entries: batch.length,
    othersSucceed,
    attempts,
    isDeadLetter: letter !== undefined,
    shorter: letter && mayTruncate ? truncateFurther(letter) : undefined,
  };
}

export function truncated(item: Item, { letter, attempts }: AfterFailure<'truncate'>): Item {
  return { ...item, attempts, entry: { kind: 'dead-letter', letter }, step: { kind: 'settle-alone' } };
}

export function retriedLater(item: Item, { delayMs, attempts }: AfterFailure<'retry'>): Item {
  return { ...item, attempts, step: { kind: 'retry', delayMs } };
}

export function deadLettered(
  item: Item,
  { disposition, attempts }: AfterFailure<'dead-letter'>,
  error: unknown,
  context: DeliveryContext,
): Item {
  const reason = error instanceof Error ? error.message : String(error);
  const code = disposition === 'exhausted' ? 'store-failed' : (error as DocumentRejected).code;
  const attempted = { ...item, attempts };
  const letter = letterOf(attempted, { disposition, code, reason }, context);
  return { ...attempted, step: { kind: 'publish', letter } };
}

/** Returns the item of a dead letter that the log has confirmed. The ledger then records it. */
export function toBeRecorded(item: Item, letter: DeadLetter): Item {
  return { ...item, entry: { kind: 'dead-letter', letter }, step: { kind: 'settle' } };
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
