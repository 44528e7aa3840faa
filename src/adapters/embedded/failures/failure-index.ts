import { OPEN_STATES, type FailedMessage } from '../../../domain/failures/failed-message.js';
import { fateOfMark } from '../../../domain/failures/replay-job.js';
import type { Tables } from '../store/embedded-store.js';
import { listFailure, unlistFailure } from '../store/list-tables.js';

/** Updates the index tables for a failure that is written. To be called within the same write transaction. */
export function indexFailure(tables: Tables, before: FailedMessage | undefined, after: FailedMessage): void {
  const { open, byGroup, leases, marks, unnotified } = tables;
  if (before) {
    const old = keysOf(before);
    void open.remove(old.open);
    void byGroup.remove(old.group);
    if (old.lease) void leases.remove(old.lease);
    for (const mark of old.marks) void marks.remove(mark);
  }
  const { state, id } = after;
  const now = keysOf(after);
  listFailure(tables, after);
  if (OPEN_STATES.includes(state)) void open.put(now.open, state);
  if (state === 'unresolved') void byGroup.put(now.group, true);
  if (now.lease) void leases.put(now.lease, true);
  for (const mark of now.marks) void marks.put(mark, true);
  if (after.alert) void unnotified.put(id, true);
  else if (before?.alert) void unnotified.remove(id);
}

/** Removes a deleted failure from the index tables. */
export function unindexFailure(tables: Tables, failure: FailedMessage): void {
  const { open, byGroup, leases, marks, unnotified } = tables;
  const old = keysOf(failure);
  unlistFailure(tables, failure);
  void open.remove(old.open);
  void byGroup.remove(old.group);
  if (old.lease) void leases.remove(old.lease);
  for (const mark of old.marks) void marks.remove(mark);
  if (failure.alert) void unnotified.remove(failure.id);
}

function keysOf(failure: FailedMessage) {
  const { id, failedAt, group, disposition, lease, jobs = [] } = failure;
  return {
    open: [failedAt, id],
    group: [group.key, disposition === 'refused' ? 1 : 0, failedAt, id],
    lease: lease === undefined ? undefined : [lease, id],
    marks: jobs.map((mark) => [mark.id, fateOfMark(failure, mark), id]),
  };
}
