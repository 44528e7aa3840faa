import type { Container, ServiceIdentifier } from 'inversify';
import { LegacyArchive } from '../../../adapters/mongodb/legacy-import/legacy-archive.js';
import { MongoAlertOutbox } from '../../../adapters/mongodb/alerts/mongo-alert-outbox.js';
import { MongoArchive } from '../../../adapters/mongodb/inbox/mongo-archive.js';
import { MongoConnection } from '../../../adapters/mongodb/connection/mongo-connection.js';
import { MongoConsumerPositions } from '../../../adapters/mongodb/delivery/mongo-consumer-positions.js';
import { MongoFailedReplays } from '../../../adapters/mongodb/failures/mongo-failed-replays.js';
import { MongoFailureGroups } from '../../../adapters/mongodb/failures/mongo-failure-groups.js';
import { MongoGroupCountStore } from '../../../adapters/mongodb/failures/mongo-group-count-store.js';
import { MongoFailureSets } from '../../../adapters/mongodb/failures/mongo-failure-sets.js';
import { MongoFailureSweep } from '../../../adapters/mongodb/retention/mongo-failure-sweep.js';
import { MongoInboxReader } from '../../../adapters/mongodb/inbox/mongo-inbox-reader.js';
import { MongoInboxSignals } from '../../../adapters/mongodb/inbox/mongo-inbox-signals.js';
import { MongoLedger } from '../../../adapters/mongodb/delivery/mongo-ledger.js';
import { MongoMessageSweep } from '../../../adapters/mongodb/retention/mongo-message-sweep.js';
import { MongoReadPositions } from '../../../adapters/mongodb/inbox/mongo-read-positions.js';
import { MongoReplayJobs } from '../../../adapters/mongodb/failures/mongo-replay-jobs.js';
import { StandaloneServer } from '../../../adapters/mongodb/client/standalone-server.js';
import type { ConsumerPositions } from '../../../application/ports/ledger.js';
import type { Clock } from '../../../application/ports/clock.js';
import { settledWithin } from '../../../application/timing.js';
import { SettingsError } from '../../settings/environment.js';
import type { FatalErrors } from '../../running/fatal-errors.js';
import { FIRST_CONTACT_MS } from '../../running/first-contact.js';
import type { Component } from '../../running/lifecycle.js';
import { TOKENS } from '../tokens.js';

export const MONGO: ServiceIdentifier<MongoConnection> = Symbol('mongoConnection');
/** Only the full back end needs them: the embedded log keeps its offsets in the same database as the ledger. */
export const POSITIONS: ServiceIdentifier<ConsumerPositions> = Symbol('consumerPositions');
export const MONGO_SIGNALS: ServiceIdentifier<MongoInboxSignals> = Symbol('mongoInboxSignals');

export function bindMongo(container: Container, uri: string): void {
  const t = TOKENS;
  container
    .bind(MONGO)
    .toResolvedValue(
      (clock, logger, { report }) => new MongoConnection({ uri }, clock, logger, report),
      [t.clock, t.logger, t.fatalErrors],
    );
  container
    .bind(t.ledger)
    .toResolvedValue(
      (mongo, clock, identities) => new MongoLedger(mongo, clock, identities),
      [MONGO, t.clock, t.identities],
    );
  container
    .bind(t.archive)
    .toResolvedValue(
      (mongo, identities, clock) => new LegacyArchive(new MongoArchive(mongo), mongo, identities, clock),
      [MONGO, t.identities, t.clock],
    );
  container.bind(t.inboxReader).toResolvedValue((mongo) => new MongoInboxReader(mongo), [MONGO]);
  container
    .bind(t.readPositions)
    .toResolvedValue((mongo, clock) => new MongoReadPositions(mongo, clock), [MONGO, t.clock]);
  container.bind(POSITIONS).toResolvedValue((mongo) => new MongoConsumerPositions(mongo), [MONGO]);
  container
    .bind(t.messageSweep)
    .toResolvedValue((mongo, clock) => new MongoMessageSweep(mongo, clock), [MONGO, t.clock]);
  container.bind(t.failureSweep).toResolvedValue((mongo) => new MongoFailureSweep(mongo), [MONGO]);
  container.bind(t.failureSets).toResolvedValue((mongo) => new MongoFailureSets(mongo), [MONGO]);
  container.bind(t.failureGroups).toResolvedValue((mongo) => new MongoFailureGroups(mongo), [MONGO]);
  container.bind(t.groupCounts).toResolvedValue((mongo) => new MongoGroupCountStore(mongo), [MONGO]);
  container.bind(t.replayJobs).toResolvedValue((mongo) => new MongoReplayJobs(mongo), [MONGO]);
  container.bind(t.failedReplays).toResolvedValue((mongo) => new MongoFailedReplays(mongo), [MONGO]);
  container.bind(t.alertOutbox).toResolvedValue((mongo) => new MongoAlertOutbox(mongo), [MONGO]);
  container
    .bind(MONGO_SIGNALS)
    .toResolvedValue((mongo, logger) => new MongoInboxSignals(mongo, logger), [MONGO, t.logger]);
  container.bind(t.inboxSignals).toService(MONGO_SIGNALS);
}

export function mongoComponent(mongo: MongoConnection, clock: Clock, fatalErrors: FatalErrors): Component {
  return {
    name: 'store',
    start: async () => {
      const contact = mongo.start().catch((error: unknown) => {
        fatalErrors.report(explained(error));
      });
      await settledWithin(clock, FIRST_CONTACT_MS, contact);
    },
    stop: () => mongo.close(),
  };
}

/** Replaces the driver's error, which may quote the password. Its only other cause is an invalid connection string. */
export function explained(error: unknown): Error {
  if (error instanceof StandaloneServer) return error;
  return new SettingsError('MONGODB_URI', 'is no connection string that MongoDB understands');
}
