import type { DeadLetter } from '../../domain/failures/failed-message.js';
import type { Entry, Outcome } from '../../domain/delivery/settlement.js';
import { truncateFurther } from '../delivery/dead-letters/truncate-further.js';
import { DocumentRejected, isDocumentTooLarge } from '../errors.js';
import type { Ledger } from '../ports/ledger.js';

/** An entry to settle, and the dead letter to record if it cannot be stored. */
export interface ImportEntry {
  readonly entry: Entry;
  readonly letter: DeadLetter;
}

export interface Tally {
  readonly stored: number;
  readonly failed: number;
  /** In the ledger before. */
  readonly known: number;
}

const NOTHING: Tally = { stored: 0, failed: 0, known: 0 };

/**
 * Settles until each entry is in the ledger: stored, failed, or known before. Rejects with `DependencyUnavailable`,
 * or with `DocumentRejected` if the ledger rejects even a fully truncated letter.
 */
export async function settleAll(
  ledger: Pick<Ledger, 'settle'>,
  batch: readonly ImportEntry[],
): Promise<Tally> {
  if (batch.length === 0) return NOTHING;
  let outcomes: readonly Outcome[];
  try {
    outcomes = await ledger.settle(batch.map(({ entry }) => entry));
  } catch (error) {
    if (!(error instanceof DocumentRejected)) throw error;
    return settleInHalves(ledger, batch, error);
  }
  const left = batch.flatMap((taken, index) => remaining(taken, outcomes[index]));
  const count = (kind: Outcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  const tally = { stored: count('stored'), failed: count('recorded'), known: count('duplicate') };
  return sum(tally, await settleAll(ledger, left));
}

/** Finds the rejected entry by halving the batch, and records it as failed. */
async function settleInHalves(
  ledger: Pick<Ledger, 'settle'>,
  batch: readonly ImportEntry[],
  rejection: DocumentRejected,
): Promise<Tally> {
  const [first] = batch;
  if (first && batch.length === 1) return settleAll(ledger, [asRejected(first, rejection)]);
  const middle = Math.ceil(batch.length / 2);
  const tally = await settleAll(ledger, batch.slice(0, middle));
  return sum(tally, await settleAll(ledger, batch.slice(middle)));
}

function asRejected({ entry, letter }: ImportEntry, error: DocumentRejected): ImportEntry {
  const shorter = truncateFurther(letter);
  if (entry.kind === 'delivery')
    return asDeadLetter({ ...(shorter ?? letter), code: error.code, reason: 'The store refuses it.' });
  if (shorter === undefined || !isDocumentTooLarge(error)) throw error;
  return asDeadLetter(shorter);
}

function remaining(taken: ImportEntry, outcome: Outcome | undefined): ImportEntry[] {
  switch (outcome?.kind) {
    case 'stored':
    case 'recorded':
    case 'duplicate':
      return [];
    case 'reused':
      return [reused(taken.letter, outcome.id)];
    case 'deferred':
    case undefined:
      return [taken];
  }
}

function reused(letter: DeadLetter, id: string): ImportEntry {
  const reason = `The id ${letter.id} belongs to another message.`;
  return asDeadLetter({ ...letter, id, conflictsWith: letter.id, code: 'idempotency-key-reused', reason });
}

function asDeadLetter(letter: DeadLetter): ImportEntry {
  return { entry: { kind: 'dead-letter', letter }, letter };
}

function sum(a: Tally, b: Tally): Tally {
  return {
    stored: a.stored + b.stored,
    failed: a.failed + b.failed,
    known: a.known + b.known,
  };
}
