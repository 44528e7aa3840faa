import { MongoAlertOutbox } from '../../../src/adapters/mongodb/alerts/mongo-alert-outbox.js';
import { MongoApiKeys } from '../../../src/adapters/mongodb/access/mongo-api-keys.js';
import { MongoArchive } from '../../../src/adapters/mongodb/inbox/mongo-archive.js';
import { MongoConnection } from '../../../src/adapters/mongodb/connection/mongo-connection.js';
import { MongoFailedReplays } from '../../../src/adapters/mongodb/failures/mongo-failed-replays.js';
import { MongoFailureGroups } from '../../../src/adapters/mongodb/failures/mongo-failure-groups.js';
import { MongoFailureSets } from '../../../src/adapters/mongodb/failures/mongo-failure-sets.js';
import { MongoGroupCountStore } from '../../../src/adapters/mongodb/failures/mongo-group-count-store.js';
import { MongoInboxReader } from '../../../src/adapters/mongodb/inbox/mongo-inbox-reader.js';
import { MongoInboxSignals } from '../../../src/adapters/mongodb/inbox/mongo-inbox-signals.js';
import { MongoLedger } from '../../../src/adapters/mongodb/delivery/mongo-ledger.js';
import { MongoFailureSweep } from '../../../src/adapters/mongodb/retention/mongo-failure-sweep.js';
import { MongoMessageSweep } from '../../../src/adapters/mongodb/retention/mongo-message-sweep.js';
import { MongoReadPositions } from '../../../src/adapters/mongodb/inbox/mongo-read-positions.js';
import { MongoReplayJobs } from '../../../src/adapters/mongodb/failures/mongo-replay-jobs.js';
import { OptimisticReads } from '../../../src/adapters/mongodb/delivery/optimistic-reads.js';
import { SystemClock } from '../../../src/adapters/system/system-clock.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type { LedgerHandle, LedgerStore, LedgerStoreFactory } from '../../contract/delivery/ledger/store.js';
import { identities } from '../../support/builders.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { checkedDatabase, testMongoUri } from '../../support/servers/test-servers.js';

export const realClock: Clock = new SystemClock();

export interface MongoHandle extends LedgerHandle {
  readonly uri: string;
  readonly connection: MongoConnection;
  readonly logger: RecordingLogger;
  /** Errors on which the program would have exited. */
  readonly fatal: Error[];
  close(): Promise<void>;
}

/** All adapters of one process over one connection, as in the program; not started. */
export function mongoHandle(
  uri: string,
  clock: Pick<Clock, 'now'> = realClock,
  presumptions?: OptimisticReads,
): MongoHandle {
  // Not a `URL`: the address of a replica set names several hosts.
  checkedDatabase(/^[a-z]+:\/\/[^/]*\/([^?]*)/.exec(uri)?.[1] ?? '');
  const logger = new RecordingLogger();
  const fatal: Error[] = [];
  const connection = new MongoConnection({ uri }, realClock, logger, (error) => fatal.push(error));
  const signals = new MongoInboxSignals(connection, logger);
  return {
    uri,
    connection,
    logger,
    fatal,
    ledger: new MongoLedger(connection, clock, identities, presumptions),
    archive: new MongoArchive(connection),
    reader: new MongoInboxReader(connection),
    signals,
    positions: new MongoReadPositions(connection, clock),
    sweep: new MongoMessageSweep(connection, clock),
    failureSweep: new MongoFailureSweep(connection),
    sets: new MongoFailureSets(connection),
    groups: new MongoFailureGroups(connection),
    groupCounts: new MongoGroupCountStore(connection),
    jobs: new MongoReplayJobs(connection),
    failedReplays: new MongoFailedReplays(connection),
    alerts: new MongoAlertOutbox(connection),
    keys: new MongoApiKeys(connection),
    close: async () => {
      await signals.close();
      await connection.close();
    },
  };
}

export async function startedHandle(
  uri: string,
  clock?: Pick<Clock, 'now'>,
  presumptions?: OptimisticReads,
): Promise<MongoHandle> {
  const handle = mongoHandle(uri, clock, presumptions);
  await handle.connection.start();
  return handle;
}

/**
 * One database per file, emptied for each test. `wary`: how many settlements read everything before one is optimistic
 * again.
 */
export function mongoStoreFactory(wary?: number): LedgerStoreFactory {
  let uri: Promise<string> | undefined;
  return async (clock): Promise<LedgerStore> => {
    const opened: MongoHandle[] = [];
    const open = async (): Promise<MongoHandle> => {
      const handle = await startedHandle(await (uri ??= testMongoUri()), clock, new OptimisticReads(wary));
      opened.push(handle);
      return handle;
    };
    const closeAll = async (): Promise<void> => {
      await Promise.all(opened.splice(0).map((handle) => handle.close()));
    };
    const first = await open();
    await empty(first);
    const reopen = async (): Promise<MongoHandle> => {
      await closeAll();
      return open();
    };
    return { ...first, other: open, reopen, close: closeAll };
  };
}

async function empty({ connection }: MongoHandle): Promise<void> {
  await connection.use('writes', async (store) => {
    const { messages, inboxes, readers, replays, alerts, groupCounts, apiKeys } = store;
    await Promise.all([messages, inboxes, readers].map((collection) => collection.deleteMany({})));
    await Promise.all([replays, alerts, groupCounts, apiKeys].map((collection) => collection.deleteMany({})));
  });
}
