import type { Container, ServiceIdentifier } from 'inversify';
import { KafkaConnection } from '../../../adapters/kafka/kafka-connection.js';
import { KafkaLogRetention } from '../../../adapters/kafka/topics/kafka-log-retention.js';
import { KafkaPartitionedLog } from '../../../adapters/kafka/producing/kafka-partitioned-log.js';
import { KafkaRecordFeed } from '../../../adapters/kafka/consuming/kafka-record-feed.js';
import type { Clock } from '../../../application/ports/clock.js';
import { PartitionedSendQueue } from '../../../application/sending/queue/partitioned-send-queue.js';
import { firstContact } from '../../running/first-contact.js';
import type { Component } from '../../running/lifecycle.js';
import type { KafkaSettings } from '../../settings/settings.js';
import { TOKENS } from '../tokens.js';
import { POSITIONS } from './mongodb.js';

export const KAFKA: ServiceIdentifier<KafkaConnection> = Symbol('kafkaConnection');
export const MESSAGE_LOG: ServiceIdentifier<KafkaPartitionedLog> = Symbol('kafkaMessageLog');
export const DEAD_LETTER_LOG: ServiceIdentifier<KafkaPartitionedLog> = Symbol('kafkaDeadLetterLog');
const FEED: ServiceIdentifier<KafkaRecordFeed> = Symbol('kafkaFeed');

export function bindKafka(container: Container, kafka: KafkaSettings): void {
  const t = TOKENS;
  container
    .bind(KAFKA)
    .toResolvedValue(
      ({ topics }, clock, logger, { report }) =>
        new KafkaConnection({ ...kafka, topics }, clock, logger, report),
      [t.settings, t.clock, t.logger, t.fatalErrors],
    );
  container
    .bind(MESSAGE_LOG)
    .toResolvedValue(
      (connection) => new KafkaPartitionedLog(connection.partitionedWriting('messages')),
      [KAFKA],
    );
  container
    .bind(t.messageQueue)
    .toResolvedValue(
      (log, clock, { sending }) => new PartitionedSendQueue(log, clock, sending),
      [MESSAGE_LOG, t.clock, t.settings],
    );
  container
    .bind(DEAD_LETTER_LOG)
    .toResolvedValue(
      (connection) => new KafkaPartitionedLog(connection.partitionedWriting('dead-letters')),
      [KAFKA],
    );
  container
    .bind(t.deadLetterQueue)
    .toResolvedValue(
      (log, clock, { sending }) => new PartitionedSendQueue(log, clock, sending),
      [DEAD_LETTER_LOG, t.clock, t.settings],
    );
  container.bind(FEED).toResolvedValue(
    (connection, positions, { receiving }, metrics, { report }) =>
      new KafkaRecordFeed(connection, positions, {
        acknowledgeLost: receiving.acknowledgeLostRecords,
        onLostRecords: ({ topic, partition, count }) => {
          metrics.recordsLost(topic, partition, count);
        },
        onFatal: report,
      }),
    [KAFKA, POSITIONS, t.settings, t.metrics, t.fatalErrors],
  );
  container.bind(t.logRetention).toResolvedValue((connection) => new KafkaLogRetention(connection), [KAFKA]);
  container.bind(t.feed).toService(FEED);
  container.bind(t.lag).toResolvedValue((feed) => () => feed.lag(), [FEED]);
}

/** The start waits for the first contact, so that missing topics are created before consumers join their groups. */
export function kafkaComponent(connection: KafkaConnection, clock: Clock): Component {
  return {
    name: 'kafka',
    start: () => {
      connection.start();
      return firstContact(connection, clock);
    },
    stop: () => connection.close(),
  };
}
