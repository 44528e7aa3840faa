import { ContainerModule } from 'inversify';
import { KafkaRecordFeed } from '../../../adapters/kafka/consuming/kafka-record-feed.js';
import { KafkaConnection } from '../../../adapters/kafka/kafka-connection.js';
import { partitionOfKey } from '../../../adapters/kafka/producing/partitioner.js';
import { KafkaPartitionedLog } from '../../../adapters/kafka/producing/kafka-partitioned-log.js';
import { KafkaLogRetention } from '../../../adapters/kafka/topics/kafka-log-retention.js';
import { MongoAlertOutbox } from '../../../adapters/mongodb/alerts/mongo-alert-outbox.js';
import { MongoConnection } from '../../../adapters/mongodb/connection/mongo-connection.js';
import { MongoConsumerPositions } from '../../../adapters/mongodb/delivery/mongo-consumer-positions.js';
import { MongoLedger } from '../../../adapters/mongodb/delivery/mongo-ledger.js';
import { MongoFailedReplays } from '../../../adapters/mongodb/failures/mongo-failed-replays.js';
import { MongoFailureGroups } from '../../../adapters/mongodb/failures/mongo-failure-groups.js';
import { MongoFailureSets } from '../../../adapters/mongodb/failures/mongo-failure-sets.js';
import { MongoGroupCountStore } from '../../../adapters/mongodb/failures/mongo-group-count-store.js';
import { MongoReplayJobs } from '../../../adapters/mongodb/failures/mongo-replay-jobs.js';
import { MongoArchive } from '../../../adapters/mongodb/inbox/mongo-archive.js';
import { MongoInboxReader } from '../../../adapters/mongodb/inbox/mongo-inbox-reader.js';
import { MongoInboxSignals } from '../../../adapters/mongodb/inbox/mongo-inbox-signals.js';
import { MongoReadPositions } from '../../../adapters/mongodb/inbox/mongo-read-positions.js';
import { LegacyArchive } from '../../../adapters/mongodb/legacy-import/legacy-archive.js';
import { MongoFailureSweep } from '../../../adapters/mongodb/retention/mongo-failure-sweep.js';
import { MongoMessageSweep } from '../../../adapters/mongodb/retention/mongo-message-sweep.js';
import { MisplacedRecords } from '../../../application/delivery/misplaced-records.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { ConsumerPositions } from '../../../application/ports/ledger.js';
import { PartitionedSendQueue } from '../../../application/sending/queue/partitioned-send-queue.js';
import { kafkaComponent, mongoComponent } from '../../running/backend-components.js';
import type { FullSettings, Settings } from '../../settings/settings.js';
import { construct } from '../construct.js';
import { token, TOKENS as t } from '../tokens.js';

const KAFKA = token<KafkaConnection>('kafkaConnection');
const MESSAGE_LOG = token<KafkaPartitionedLog>('kafkaMessageLog');
const DEAD_LETTER_LOG = token<KafkaPartitionedLog>('kafkaDeadLetterLog');
const MISPLACED = token<MisplacedRecords>('misplacedRecords');
const FEED = token<KafkaRecordFeed>('kafkaFeed');
export const MONGO = token<MongoConnection>('mongoConnection');
const SIGNALS = token<MongoInboxSignals>('mongoInboxSignals');
/** Only this back end needs them: the embedded log keeps its offsets in the same database as the ledger. */
export const POSITIONS = token<ConsumerPositions>('consumerPositions');

/** The log in Kafka and the store in MongoDB. */
export const full = ({ kafka, mongodb }: FullSettings): ContainerModule[] => [
  kafkaLog(kafka),
  mongoStore(mongodb),
  components,
];

const kafkaLog = (settings: FullSettings['kafka']): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(KAFKA).toResolvedValue(
      ({ topics }, clock, logger, { report }, misplaced) =>
        new KafkaConnection({ ...settings, topics }, clock, logger, {
          onCompactedTopic: report,
          onMessageLayout: (layout) => {
            misplaced.observe(layout);
          },
        }),
      [t.settings, t.clock, t.logger, t.fatalErrors, MISPLACED],
    );
    bind(MESSAGE_LOG).toResolvedValue(
      (connection) => new KafkaPartitionedLog(connection.partitionedWriting('messages')),
      [KAFKA],
    );
    bind(DEAD_LETTER_LOG).toResolvedValue(
      (connection) => new KafkaPartitionedLog(connection.partitionedWriting('dead-letters')),
      [KAFKA],
    );
    bind(t.messageQueue).toResolvedValue(newQueue, [MESSAGE_LOG, t.clock, t.settings]);
    bind(t.deadLetterQueue).toResolvedValue(newQueue, [DEAD_LETTER_LOG, t.clock, t.settings]);
    bind(FEED).toResolvedValue(
      (connection, positions, { receiving }, telemetry, { report }) =>
        new KafkaRecordFeed(connection, positions, {
          acknowledgeLost: receiving.acknowledgeLostRecords,
          onLostRecords: ({ topic, partition, count }) => {
            telemetry.recordsLost(topic, partition, count);
          },
          onFatal: report,
        }),
      [KAFKA, POSITIONS, t.settings, t.telemetry, t.fatalErrors],
    );
    bind(MISPLACED).toResolvedValue(
      (clock, telemetry, logger) => new MisplacedRecords(partitionOfKey, { clock, telemetry, logger }),
      [t.clock, t.telemetry, t.logger],
    );
    bind(t.checkPartition).toResolvedValue(({ check }) => check, [MISPLACED]);
    bind(t.feed).toService(FEED);
    bind(t.lag).toResolvedValue((feed) => () => feed.lag(), [FEED]);
    bind(t.logRetention).toResolvedValue(construct(KafkaLogRetention), [KAFKA]);
  });

function newQueue(log: KafkaPartitionedLog, clock: Clock, { sending }: Settings): PartitionedSendQueue {
  return new PartitionedSendQueue(log, clock, sending);
}

const mongoStore = ({ uri }: FullSettings['mongodb']): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(MONGO).toResolvedValue(
      (clock, logger, { report }) => new MongoConnection({ uri }, clock, logger, report),
      [t.clock, t.logger, t.fatalErrors],
    );
    bind(t.ledger).toResolvedValue(
      (mongo, clock, identities) => new MongoLedger(mongo, clock, identities),
      [MONGO, t.clock, t.identities],
    );
    bind(t.archive).toResolvedValue(
      (mongo, identities, clock) => new LegacyArchive(new MongoArchive(mongo), mongo, identities, clock),
      [MONGO, t.identities, t.clock],
    );
    bind(POSITIONS).toResolvedValue(construct(MongoConsumerPositions), [MONGO]);
    bind(t.inboxReader).toResolvedValue(construct(MongoInboxReader), [MONGO]);
    bind(SIGNALS).toResolvedValue(construct(MongoInboxSignals), [MONGO, t.logger]);
    bind(t.inboxSignals).toService(SIGNALS);
    bind(t.readPositions).toResolvedValue(construct(MongoReadPositions), [MONGO, t.clock]);
    bind(t.failureSets).toResolvedValue(construct(MongoFailureSets), [MONGO]);
    bind(t.failureGroups).toResolvedValue(construct(MongoFailureGroups), [MONGO]);
    bind(t.groupCounts).toResolvedValue(construct(MongoGroupCountStore), [MONGO]);
    bind(t.replayJobs).toResolvedValue(construct(MongoReplayJobs), [MONGO]);
    bind(t.failedReplays).toResolvedValue(construct(MongoFailedReplays), [MONGO]);
    bind(t.alertOutbox).toResolvedValue(construct(MongoAlertOutbox), [MONGO]);
    bind(t.messageSweep).toResolvedValue(construct(MongoMessageSweep), [MONGO, t.clock]);
    bind(t.failureSweep).toResolvedValue(construct(MongoFailureSweep), [MONGO]);
  });

const components = new ContainerModule(({ bind }) => {
  bind(t.dependencies).toResolvedValue((connection, mongo) => [connection, mongo], [KAFKA, MONGO]);
  bind(t.backendComponents).toResolvedValue(
    (mongo, signals, connection, messages, deadLetters, clock, fatalErrors) => [
      mongoComponent(mongo, clock, fatalErrors),
      { name: 'inbox signals', stop: () => signals.close() },
      kafkaComponent(connection, clock),
      { name: 'log of messages', stop: () => messages.close() },
      { name: 'log of dead letters', stop: () => deadLetters.close() },
    ],
    [MONGO, SIGNALS, KAFKA, MESSAGE_LOG, DEAD_LETTER_LOG, t.clock, t.fatalErrors],
  );
});
