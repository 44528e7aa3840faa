import type { Database, Key, RootDatabase } from 'lmdb';
import type { FailedMessage, FailureState } from '../../../domain/failures/failed-message.js';
import type { MessageId, StoredMessage } from '../../../domain/message.js';
import type { MessageDocument } from './documents.js';

interface FailureTables {
  readonly failures: Database<FailureState>;
  readonly failuresByRecipient: Database<FailureState>;
  readonly failuresBySender: Database<FailureState>;
  readonly conflicts: Database<FailureState>;
}

interface ListTables extends FailureTables {
  readonly messages: Database<MessageDocument, MessageId>;
  readonly byNumber: Database<MessageId>;
  readonly byTime: Database<true>;
  readonly byRecipient: Database<true>;
  readonly bySender: Database<true>;
}

/** Runs `work` in one write transaction, which is on disk when the call returns. */
export type WriteSync = (work: () => void) => void;

/**
 * The index tables of earlier versions, whose keys have no number. Such a version recreates them if it opens the
 * folder.
 */
const LEGACY_TABLES = ['by-time', 'by-recipient', 'by-sender'];
/** The root entry that holds the version of the index tables. */
const LAYOUT = 'list-layout';
const CURRENT_LAYOUT = 2;
const ROWS_PER_TRANSACTION = 10_000;

export function indexStored(tables: ListTables, message: StoredMessage): void {
  for (const [table, key] of keysOfStored(tables, message)) void table.put(key, true);
}

export function unindexStored(tables: ListTables, message: StoredMessage): void {
  for (const [table, key] of keysOfStored(tables, message)) void table.remove(key);
}

/** Lists a failure, or updates its state. The keys of a failure never change. */
export function listFailure(tables: FailureTables, failure: FailedMessage): void {
  for (const [table, key] of keysOfFailed(tables, failure)) void table.put(key, failure.state);
}

export function unlistFailure(tables: FailureTables, failure: FailedMessage): void {
  for (const [table, key] of keysOfFailed(tables, failure)) void table.remove(key);
}

/**
 * Rebuilds the index tables of the lists if an earlier version has created or opened the folder. The last transaction
 * records the layout and drops the legacy tables, so a build that was interrupted starts again.
 */
export function buildListTables(
  root: RootDatabase,
  tables: ListTables,
  write: WriteSync,
  rowsPerTransaction = ROWS_PER_TRANSACTION,
): void {
  const legacy = LEGACY_TABLES.flatMap((name) => existingTable(root, name) ?? []);
  if (legacy.length === 0 && root.get(LAYOUT) === CURRENT_LAYOUT) return;
  const { byTime, byRecipient, bySender, failuresByRecipient, failuresBySender, conflicts } = tables;
  write(() => {
    const built = [byTime, byRecipient, bySender, failuresByRecipient, failuresBySender, conflicts];
    for (const table of built) table.clearSync();
  });
  for (const rows of rangesOf(tables.byNumber, rowsPerTransaction)) {
    write(() => {
      for (const { value: id } of rows) {
        const stored = tables.messages.get(id)?.stored;
        if (stored) indexStored(tables, stored);
      }
    });
  }
  for (const rows of rangesOf(tables.failures, rowsPerTransaction)) {
    write(() => {
      for (const { key } of rows) {
        const failure = tables.messages.get((key as [number, MessageId])[1])?.failure;
        if (failure) listFailure(tables, failure);
      }
    });
  }
  write(() => {
    for (const table of legacy) table.dropSync();
    root.putSync(LAYOUT, CURRENT_LAYOUT);
  });
}

/** Opens a table only if it exists. lmdb's types have neither the `create` option nor the undefined result. */
function existingTable(root: RootDatabase, name: string): Database | undefined {
  return root.openDB({ name, create: false } as { name: string }) as Database | undefined;
}

/** Yields all rows of a table in chunks of at most `limit`. The table must not change in the meantime. */
function* rangesOf<V>(
  table: Database<V>,
  limit: number,
): Generator<readonly { readonly key: Key; readonly value: V }[]> {
  let last: Key | undefined;
  for (;;) {
    const range = last === undefined ? { limit } : { start: last, offset: 1, limit };
    const rows = [...table.getRange(range)];
    last = rows.at(-1)?.key;
    if (last === undefined) return;
    yield rows;
  }
}

function keysOfStored(
  { byTime, byRecipient, bySender }: ListTables,
  { id, from, to, sentAt, number }: StoredMessage,
): [Database<true>, Key][] {
  const position = [sentAt, number, id];
  return [
    [byTime, position],
    [byRecipient, [to, ...position]],
    [bySender, [from, ...position]],
  ];
}

function keysOfFailed(
  { failures, failuresByRecipient, failuresBySender, conflicts }: FailureTables,
  { id, from, to, sentAt, conflictsWith }: FailedMessage,
): [Database<FailureState>, Key][] {
  const keys: [Database<FailureState>, Key][] = [
    [failures, [sentAt, id]],
    [failuresByRecipient, [to, sentAt, id]],
    [failuresBySender, [from, sentAt, id]],
  ];
  return conflictsWith === undefined ? keys : [...keys, [conflicts, [conflictsWith, id]]];
}
