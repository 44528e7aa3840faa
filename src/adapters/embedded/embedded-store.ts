import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open, type Database, type Key, type RootDatabase } from 'lmdb';
import { DependencyUnavailable, type DependencyName } from '../../application/errors.js';
import type { FailureState } from '../../domain/failed-message.js';
import type { MessageId } from '../../domain/message.js';
import type { MessageDocument, StoredRecord } from './documents.js';
import { FolderLock } from './folder-lock.js';

/** The tables of one folder. Compound keys are in the order of their parts. */
export interface Tables {
  /** [topic, partition, offset] */
  readonly log: Database<StoredRecord>;
  /** [topic, partition] → the next offset to be written. */
  readonly ends: Database<number>;
  /** [topic, group, partition] → the next offset to be read. */
  readonly offsets: Database<number>;
  readonly messages: Database<MessageDocument, MessageId>;
  /** Client → the last number given. */
  readonly inboxes: Database<number, string>;
  /** [client, number] */
  readonly byNumber: Database<MessageId>;
  /** [sentAt, id] of what is stored */
  readonly byTime: Database<true>;
  /** [client, sentAt, id] */
  readonly byRecipient: Database<true>;
  readonly bySender: Database<true>;
  /** [sentAt, id] of what has failed */
  readonly failures: Database<FailureState>;
  /** [failedAt, id] of what has failed and is open */
  readonly open: Database<FailureState>;
}

/** One durable local database for the log and the ledger. One process at a time; see `FolderLock`. */
export class EmbeddedStore {
  readonly tables: Tables;
  private readonly lock: FolderLock;
  private readonly watchers = new Set<(error?: DependencyUnavailable) => void>();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly root: RootDatabase,
    folder: string,
  ) {
    this.lock = new FolderLock(root, folder);
    const table = <V, K extends Key>(name: string): Database<V, K> => root.openDB<V, K>({ name });
    this.tables = {
      log: table('log'),
      ends: table('ends'),
      offsets: table('offsets'),
      messages: table('messages'),
      inboxes: table('inboxes'),
      byNumber: table('by-number'),
      byTime: table('by-time'),
      byRecipient: table('by-recipient'),
      bySender: table('by-sender'),
      failures: table('failures'),
      open: table('open-failures'),
    };
  }

  /** Opens the folder, which is made if it is missing. Throws `FolderInUse`, or lmdb's error where it can't be used. */
  static open(folder: string): EmbeddedStore {
    mkdirSync(folder, { recursive: true });
    const store = new EmbeddedStore(
      open({ path: join(folder, 'postrider.mdb'), maxDbs: 16 }),
      resolve(folder),
    );
    try {
      store.lock.claim();
    } catch (error) {
      void store.root.close();
      throw error;
    }
    return store;
  }

  /**
   * Runs `work` as one write transaction and resolves with its result when that is on disk. `work` reads and decides
   * before it writes, so that what it throws leaves nothing half done.
   */
  async write<T>(dependency: DependencyName, work: () => T): Promise<T> {
    let result: { readonly value: T } | { readonly error: unknown } | undefined;
    try {
      await this.root.transaction(() => {
        try {
          this.lock.check();
          result = { value: work() };
        } catch (error) {
          result = { error };
        }
      });
      await this.root.flushed;
    } catch (cause) {
      const error = new DependencyUnavailable(dependency, cause);
      for (const watcher of this.watchers) watcher(error);
      throw error;
    }
    for (const watcher of this.watchers) watcher();
    if (result === undefined) throw new DependencyUnavailable(dependency, new Error('the store is closed'));
    if ('error' in result) throw result.error;
    return result.value;
  }

  /** Calls back after each write, with the error of one that could not be made. */
  onWrite(watcher: (error?: DependencyUnavailable) => void): void {
    this.watchers.add(watcher);
  }

  /** Waits for writes under way, and gives the folder free. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.root.flushed.then(() => {
      this.lock.release();
      return this.root.close();
    });
    return this.closing;
  }
}
