import type { FailedMessage, FailureState } from '../../../../src/domain/failures/failed-message.js';
import type { MessageId } from '../../../../src/domain/message.js';
import { failureOf, key } from '../../../support/delivery/ledger/ledger-model.js';
import { reader, type Commit, type Committed } from '../../../support/delivery/ledger/snapshot-isolation.js';

/** Actions that leave a trace in the failure: their id or, for a bulk replay, its mark. */
const RECORDED = ['replay', 'forced replay', 'correction', 'discard', 'forced discard', 'bulk replay'];

const STATE_AFTER: Record<string, FailureState> = {
  ...{ failed: 'unresolved', replayed: 'replaying', corrected: 'correcting' },
  ...{ discarded: 'discarded', stored: 'resolved', superseded: 'resolved' },
};

/**
 * Returns the invariant that a message breaks after transactions about it have ended; undefined if it breaks
 * none.
 */
export function brokenInvariant(end: Committed, id: MessageId): string | undefined {
  const isSwept = end.commits.some(({ result }) => result === 'swept');
  if (!isSwept && timesStored(end, id) > 1) return 'stored twice';
  const failure = failureOf(reader(end), id);
  return (failure && contradiction(failure, end)) ?? wrongAct(end, id, isSwept);
}

function contradiction(failure: FailedMessage, { documents }: Committed): string | undefined {
  if (!isClosed(failure) && documents.has(key.stored(failure.id))) return 'stored, and its failure is open';
  const expected = STATE_AFTER[failure.history.at(-1)?.event ?? ''];
  return failure.state === expected ? undefined : 'the state does not match the history';
}

function wrongAct(end: Committed, id: MessageId, isSwept: boolean): string | undefined {
  const failure = failureOf(reader(end), id);
  for (const commit of end.commits.filter(isRecordedAct)) {
    const before = failureOf(reader(commit.before), id);
    if (before && isClosed(before)) return 'an act changed a closed failure';
    const isThere = failure?.acts?.includes(commit.by) === true || failure?.jobs !== undefined;
    if (!isSwept && !isThere) return 'an act was lost';
  }
  return undefined;
}

const isClosed = ({ state }: FailedMessage): boolean => state === 'resolved' || state === 'discarded';

function timesStored({ commits, documents }: Committed, id: MessageId): number {
  const before = commits[0]?.before.documents ?? documents;
  const stores = commits.filter(({ by, result }) => !by.startsWith('another message') && result === 'stored');
  return stores.length + (before.has(key.stored(id)) ? 1 : 0);
}

function isRecordedAct({ by, result }: Commit): boolean {
  return result === 'done' && RECORDED.some((act) => by.startsWith(`${act} `));
}
