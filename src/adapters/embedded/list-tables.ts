import type { Database, RootDatabase } from 'lmdb';
import type { MessageId, StoredMessage } from '../../domain/message.js';
import type { MessageDocument } from './documents.js';

interface ListTables {
  readonly messages: Database<MessageDocument, MessageId>;
  readonly byNumber: Database<MessageId>;
  readonly byTime: Database<true>;
  readonly byRecipient: Database<true>;
  readonly bySender: Database<true>;
}

/** Runs `work` in one write transaction, which is on disk when this returns. */
export type WriteSync = (work: () => void) => void;

/** What earlier versions list by, and make again if they open the folder: their keys have no number. */
const LEGACY_TABLES = ['by-time', 'by-recipient', 'by-sender'];
/** The entry of the root that says how the tables are laid out. */
const LAYOUT = 'list-layout';
const CURRENT_LAYOUT = 1;
const MESSAGES_AT_ONCE = 10_000;

export function indexStored(tables: ListTables, message: StoredMessage): void {
  const keys = keysOf(message);
  void tables.byTime.put(keys.byTime, true);
  void tables.byRecipient.put(keys.byRecipient, true);
  void tables.bySender.put(keys.bySender, true);
}

export function unindexStored(tables: ListTables, message: StoredMessage): void {
  const keys = keysOf(message);
  void tables.byTime.remove(keys.byTime);
  void tables.byRecipient.remove(keys.byRecipient);
  void tables.bySender.remove(keys.bySender);
}

/**
 * Builds the tables that messages are listed by from the messages themselves, if an earlier version has made or opened the
 * folder. The layout is noted, and the legacy tables go, in the last transaction: a build that is killed begins again.
 */
export function buildListTables(
  root: RootDatabase,
  tables: ListTables,
  write: WriteSync,
  atOnce = MESSAGES_AT_ONCE,
): void {
  const legacy = LEGACY_TABLES.flatMap((name) => existingTable(root, name) ?? []);
  if (legacy.length === 0 && root.get(LAYOUT) === CURRENT_LAYOUT) return;
  write(() => {
    for (const table of [tables.byTime, tables.byRecipient, tables.bySender]) table.clearSync();
  });
  for (const ids of numberedIds(tables, atOnce)) {
    write(() => {
      for (const id of ids) {
        const stored = tables.messages.get(id)?.stored;
        if (stored) indexStored(tables, stored);
      }
    });
  }
  write(() => {
    for (const table of legacy) table.dropSync();
    root.putSync(LAYOUT, CURRENT_LAYOUT);
  });
}

/** lmdb makes a table that is opened, unless it is told not to; its types do not say that there may be none then. */
function existingTable(root: RootDatabase, name: string): Database | undefined {
  return root.openDB({ name, create: false } as { name: string }) as Database | undefined;
}

/** The ids of all stored messages, in pieces that each fit into a small transaction. */
function* numberedIds({ byNumber }: ListTables, limit: number): Generator<MessageId[]> {
  let start: readonly [string, number] | undefined;
  for (;;) {
    const range = { ...(start && { start: [...start] }), limit };
    const entries = [...byNumber.getRange(range)];
    const last = entries.at(-1)?.key as [string, number] | undefined;
    if (last === undefined) return;
    yield entries.map(({ value }) => value);
    start = [last[0], last[1] + 1];
  }
}

function keysOf({ id, from, to, sentAt, number }: StoredMessage) {
  const place = [sentAt, number, id];
  return { byTime: place, byRecipient: [to, ...place], bySender: [from, ...place] };
}
