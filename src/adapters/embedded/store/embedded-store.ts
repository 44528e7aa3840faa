import { join, resolve } from 'node:path';
import { open, type Database, type Key, type RootDatabase } from 'lmdb';
import { DependencyUnavailable, type DependencyName } from '../../../application/errors.js';
import type { GroupCounts } from '../../../application/ports/failures.js';
import type { ApiKey } from '../../../domain/access/api-key.js';
import type { AlertState } from '../../../domain/alerts/alert.js';
import type { FailureState } from '../../../domain/failures/failed-message.js';
import type { ReadPosition } from '../../../domain/inbox/message-status.js';
import type { MessageId } from '../../../domain/message.js';
import type { ReplayJob } from '../../../domain/failures/replay-job.js';
import { causeOf, StoreClosed } from './commit-errors.js';
import { createFolder } from './create-folder.js';
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
  /** [topic, group, partition] → the number of records trimmed before the group read them, until acknowledged. */
  readonly losses: Database<number>;
  readonly messages: Database<MessageDocument, MessageId>;
  readonly inboxes: Database<InboxDocument, string>;
  /** Client → its read position. */
  readonly readers: Database<ReadPosition, string>;
  /** [client, number] */
  readonly byNumber: Database<MessageId>;
  /** [sentAt, number, id] of stored messages */
  readonly byTime: Database<true>;
  /** [client, sentAt, number, id] */
  readonly byRecipient: Database<true>;
  readonly bySender: Database<true>;
  /** [sentAt, id] of failures */
  readonly failures: Database<FailureState>;
  /** [client, sentAt, id] of failures */
  readonly failuresByRecipient: Database<FailureState>;
  readonly failuresBySender: Database<FailureState>;
  /** [id, id of a failure with the same original id and other content] */
  readonly conflicts: Database<FailureState>;
  /** [failedAt, id] of open failures */
  readonly open: Database<FailureState>;
  /** [group, 1 if its disposition is `refused`, else 0, failedAt, id] of unresolved failures */
  readonly byGroup: Database<true>;
  /** [end of the lease, id] of failures that are being published */
  readonly leases: Database<true>;
  /** [bulk replay, outcome, id] of failures that a bulk replay has marked */
  readonly marks: Database<true>;
  readonly replays: Database<ReplayJob, string>;
  /** Failures that failed again after a replay and whose alert is not sent yet. */
  readonly unnotified: Database<true, MessageId>;
  readonly alerts: Database<AlertState, 'state'>;
  readonly apiKeys: Database<ApiKey, string>;
  /** `version` is the version of the form of `value`. */
  readonly groupCounts: Database<{ readonly version: number; readonly value: GroupCounts }, 'last'>;
}

/** The durable local database of the embedded log and ledger. Used by one process at a time; see `FolderLock`. */
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
      unnotified: table('untold-replays'),
      alerts: table('alerts'),
      groupCounts: table('group-counts'),
      apiKeys: table('api-keys'),
    };
  }

  /**
   * Opens the folder and creates it if it is missing. Throws `FolderInUse`, or an error that says what is wrong with
   * it.
   */
  static open(folder: string): EmbeddedStore {
    createFolder(folder);
    const path = join(folder, 'postrider.mdb');
    checkFile(folder, path);
    // With these options a commit is synced before its promise resolves, and a failed one rejects only that promise.
    // lmdb's faster modes never settle `flushed` after a failure and cause unhandled rejections.
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
   * Runs `work` in one write transaction and resolves with its result when the transaction is on disk. An error thrown
   * by `work` does not roll back, so `work` must not throw after its first write.
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

  /** Calls `watcher` after each write, with an error if it failed. */
  onWrite(watcher: (error?: DependencyUnavailable) => void): void {
    this.watchers.add(watcher);
  }

  /** Waits for writes in flight and releases the folder. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.closeRoot();
    return this.closing;
  }

  /** Used only while the folder is being opened. */
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

  private async closeRoot(): Promise<void> {
    await Promise.allSettled(this.inFlight);
    try {
      this.lock.release();
    } catch {
      // The release can fail, for example on a full disk. It does not matter: the lock of a dead process is ignored.
    }
    await this.root.close();
  }
}
