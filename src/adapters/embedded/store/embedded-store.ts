import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open, type Database, type Key, type RootDatabase } from 'lmdb';
import { DependencyUnavailable, type DependencyName } from '../../../application/errors.js';
import type { GroupCounts } from '../../../application/ports/failures/group-count-store.js';
import type { AlertState } from '../../../domain/alerts/alert.js';
import type { FailureState } from '../../../domain/failures/failed-message.js';
import type { ReadPosition } from '../../../domain/inbox/message-status.js';
import type { MessageId } from '../../../domain/message.js';
import type { ReplayJob } from '../../../domain/failures/replay-job.js';
import { causeOf, StoreClosed } from './commit-errors.js';
import { checkFile } from './database-file.js';
import type { InboxDocument, MessageDocument, StoredRecord } from './documents.js';
import { FolderLock, type FolderInUse } from './folder-lock.js';
import { buildListTables, type WriteSync } from './list-tables.js';
import { reindexPendingMarks } from './replay-marks.js';

/** The tables of one folder. Compound keys are in the order of their parts. */
export interface Tables {
  /** [topic, partition, offset] */
  readonly log: Database<StoredRecord>;
  /** [topic, partition] → the next offset to be written. */
  readonly ends: Database<number>;
  /** [topic, group, partition] → the next offset to be read. */
  readonly offsets: Database<number>;
  /** [topic, group] → when the group was last in use, in milliseconds since the epoch. */
  readonly groupUse: Database<number>;
  /** [topic, group, partition] → records that were trimmed before the group had them, until that is acknowledged. */
  readonly losses: Database<number>;
  readonly messages: Database<MessageDocument, MessageId>;
  readonly inboxes: Database<InboxDocument, string>;
  /** Client → how far it has read. */
  readonly readers: Database<ReadPosition, string>;
  /** [client, number] */
  readonly byNumber: Database<MessageId>;
  /** [sentAt, number, id] of what is stored */
  readonly byTime: Database<true>;
  /** [client, sentAt, number, id] */
  readonly byRecipient: Database<true>;
  readonly bySender: Database<true>;
  /** [sentAt, id] of what has failed */
  readonly failures: Database<FailureState>;
  /** [client, sentAt, id] of what has failed */
  readonly failuresByRecipient: Database<FailureState>;
  readonly failuresBySender: Database<FailureState>;
  /** [id, id of a failure that came under it with other content] */
  readonly conflicts: Database<FailureState>;
  /** [failedAt, id] of what has failed and is open */
  readonly open: Database<FailureState>;
  /** [group, 1 where it was refused else 0, failedAt, id] of what is unresolved */
  readonly byGroup: Database<true>;
  /** [lease, id] of what is to be published */
  readonly leases: Database<true>;
  /** [bulk replay, what became of it, id] of what a bulk replay has marked */
  readonly marks: Database<true>;
  readonly replays: Database<ReplayJob, string>;
  /** Of what has failed again when it was replayed, and nobody was told yet. */
  readonly untold: Database<true, MessageId>;
  readonly alerts: Database<AlertState, 'state'>;
  /** `version` says how `value` is written. */
  readonly groupCounts: Database<{ readonly version: number; readonly value: GroupCounts }, 'last'>;
}

/** One durable local database for the log and the ledger. One process at a time; see `FolderLock`. */
export class EmbeddedStore {
  readonly tables: Tables;
  private readonly lock: FolderLock;
  private readonly watchers = new Set<(error?: DependencyUnavailable) => void>();
  private readonly inFlight = new Set<Promise<void>>();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly root: RootDatabase,
    private readonly folder: string,
  ) {
    this.lock = new FolderLock(root, folder);
    const table = <V, K extends Key>(name: string): Database<V, K> => root.openDB<V, K>({ name });
    this.tables = {
      log: table('log'),
      ends: table('ends'),
      offsets: table('offsets'),
      groupUse: table('group-use'),
      losses: table('lost-records'),
      messages: table('messages'),
      inboxes: table('inboxes'),
      readers: table('readers'),
      byNumber: table('by-number'),
      byTime: table('messages-by-time'),
      byRecipient: table('messages-by-recipient'),
      bySender: table('messages-by-sender'),
      failures: table('failures'),
      failuresByRecipient: table('failures-by-recipient'),
      failuresBySender: table('failures-by-sender'),
      conflicts: table('failures-by-conflict'),
      open: table('open-failures'),
      byGroup: table('by-group'),
      leases: table('leases'),
      marks: table('replay-marks'),
      replays: table('replays'),
      untold: table('untold-replays'),
      alerts: table('alerts'),
      groupCounts: table('group-counts'),
    };
  }

  /** Opens the folder, which is made if it is missing. Throws `FolderInUse`, or what is wrong with the folder. */
  static open(folder: string): EmbeddedStore {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'postrider.mdb');
    checkFile(folder, path);
    // Each commit is synced before it is told, and one that fails rejects the promise of who asked for it and no other:
    // lmdb's faster ways never settle `flushed` after a failure, and reject promises that nobody has.
    const root = open({ path, maxDbs: 32, overlappingSync: false, eventTurnBatching: false });
    const store = new EmbeddedStore(root, resolve(folder));
    try {
      store.lock.claim();
      store.writeSync(() => {
        reindexPendingMarks(store.tables);
      });
      buildListTables(root, store.tables, store.writeSync);
    } catch (error) {
      void root.close();
      throw error;
    }
    return store;
  }

  /**
   * Runs `work` as one write transaction and resolves with its result when that is on disk. `work` reads and decides
   * before it writes, so that what it throws leaves nothing half done.
   */
  async write<T>(dependency: DependencyName, work: () => T): Promise<T> {
    let result: { readonly value: T } | { readonly thrown: unknown } | undefined;
    try {
      await this.transact(() => {
        try {
          result = { value: work() };
        } catch (thrown) {
          result = { thrown };
        }
      });
    } catch (cause) {
      const error = new DependencyUnavailable(dependency, cause);
      for (const watcher of this.watchers) watcher(error);
      throw error;
    }
    for (const watcher of this.watchers) watcher();
    if (result === undefined) throw new Error('A transaction was committed that never ran');
    if ('thrown' in result) throw result.thrown;
    return result.value;
  }

  /** Calls back after each write, with the error of one that could not be made. */
  onWrite(watcher: (error?: DependencyUnavailable) => void): void {
    this.watchers.add(watcher);
  }

  /** Waits for writes under way, and gives the folder free. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  /** Only while the folder is opened. */
  private readonly writeSync: WriteSync = (work) => {
    this.root.transactionSync(() => {
      const loss = this.lock.loss();
      if (loss !== undefined) throw loss;
      work();
    });
  };

  private async transact(work: () => void): Promise<void> {
    if (this.closing) throw new StoreClosed();
    let loss: FolderInUse | undefined;
    const transaction = this.root.transaction(() => {
      loss = this.lock.loss();
      if (loss === undefined) work();
    });
    this.inFlight.add(transaction);
    try {
      await transaction;
    } catch (error) {
      throw await causeOf(error, this.folder);
    } finally {
      this.inFlight.delete(transaction);
    }
    if (loss !== undefined) throw loss;
  }

  private async shut(): Promise<void> {
    await Promise.allSettled(this.inFlight);
    try {
      this.lock.release();
    } catch {
      // Disk full, say: once this process is gone, its note counts for nothing.
    }
    await this.root.close();
  }
}
