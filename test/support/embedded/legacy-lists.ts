import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import type { StoredMessage } from '../../../src/domain/message.js';

const CURRENT = [
  ...['messages-by-time', 'messages-by-recipient', 'messages-by-sender'],
  ...['failures-by-recipient', 'failures-by-sender'],
];

/** The list tables of an embedded folder from versions before the order by number. */
export class LegacyLists {
  private readonly root: RootDatabase;

  constructor(folder: string) {
    this.root = open({
      path: join(folder, 'postrider.mdb'),
      maxDbs: 32,
      overlappingSync: false,
      eventTurnBatching: false,
    });
  }

  /** Turns a current folder into one that such a version has left. */
  static async replaceCurrent(folder: string): Promise<void> {
    const lists = new LegacyLists(folder);
    const stored = [...lists.table<{ stored?: StoredMessage }>('messages').getRange()];
    lists.root.transactionSync(() => {
      for (const { value } of stored) if (value.stored) lists.add(value.stored);
      for (const name of CURRENT) lists.table(name).dropSync();
      lists.root.removeSync('list-layout');
    });
    await lists.close();
  }

  /** Stores a message as such a version does. */
  store(message: StoredMessage): void {
    this.root.transactionSync(() => {
      this.table('messages').putSync(message.id, { stored: message });
      this.table('by-number').putSync([message.to, message.number], message.id);
      this.add(message);
    });
  }

  /** The names of all tables, and of the entries beside them. */
  names(): string[] {
    return [...this.root.getKeys()].map(String);
  }

  close(): Promise<void> {
    return this.root.close();
  }

  private add({ id, from, to, sentAt }: StoredMessage): void {
    this.table('by-time').putSync([sentAt, id], true);
    this.table('by-recipient').putSync([to, sentAt, id], true);
    this.table('by-sender').putSync([from, sentAt, id], true);
  }

  private table<V = unknown>(name: string): Database<V> {
    return this.root.openDB<V>({ name });
  }
}
