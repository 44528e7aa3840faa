import { KafkaConnection } from '../../../src/adapters/kafka/kafka-connection.js';
import {
  KafkaRecordFeed,
  type KafkaFeedOptions,
} from '../../../src/adapters/kafka/consuming/kafka-record-feed.js';
import { KafkaRecordLog } from '../../../src/adapters/kafka/producing/kafka-record-log.js';
import type { KafkaSettings } from '../../../src/adapters/kafka/kafka-settings.js';
import type { LostRecords } from '../../../src/adapters/kafka/consuming/offsets/start-offsets.js';
import { InMemoryConsumerPositions } from '../../support/memory/in-memory-consumer-positions.js';
import { SystemClock } from '../../../src/adapters/system/system-clock.js';
import type { LogUnderTest } from '../../contract/log/log-under-test.js';
import { eventually } from '../../support/eventually.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { freshTopic } from '../../support/servers/test-servers.js';

export const PARTITIONS = 3;

export function kafkaSettings(broker: string, changes: Partial<KafkaSettings> = {}): KafkaSettings {
  return {
    brokers: [broker],
    clientId: 'postrider-test',
    topics: { messages: freshTopic('messages'), deadLetters: freshTopic('dead-letters') },
    ...{ createTopics: true, partitions: PARTITIONS, replication: 1, retentionDays: 30 },
    ...changes,
  };
}

/** All Kafka adapters of one process. */
export interface KafkaProcess extends LogUnderTest {
  readonly connection: KafkaConnection;
  readonly messages: KafkaRecordLog;
  readonly feed: KafkaRecordFeed;
  readonly logger: RecordingLogger;
  readonly lost: LostRecords[];
  readonly fatal: Error[];
}

/**
 * The ledgers by topic. Each test has its own topic, and the processes of a test share a ledger, as they
 * share the broker.
 */
const ledgers = new Map<string, InMemoryConsumerPositions>();

export function ledgerOf({ topics }: KafkaSettings): InMemoryConsumerPositions {
  const ledger = ledgers.get(topics.messages) ?? new InMemoryConsumerPositions(() => false);
  ledgers.set(topics.messages, ledger);
  return ledger;
}

/** Not awaited: the broker may be down. */
export function kafkaProcess(settings: KafkaSettings, options: Partial<KafkaFeedOptions> = {}): KafkaProcess {
  const logger = new RecordingLogger();
  const fatal: Error[] = [];
  const connection = new KafkaConnection(settings, new SystemClock(), logger, {
    onCompactedTopic: (error) => fatal.push(error),
  });
  const messages = new KafkaRecordLog(connection.writing('messages'));
  const deadLetters = new KafkaRecordLog(connection.writing('dead-letters'));
  const lost: LostRecords[] = [];
  const feed = new KafkaRecordFeed(connection, ledgerOf(settings), {
    acknowledgeLost: false,
    onLostRecords: (records) => lost.push(records),
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  connection.start();
  const close = async (): Promise<void> => {
    await Promise.all([messages.close(), deadLetters.close(), connection.close()]);
  };
  return { ...{ connection, messages, deadLetters, feed, logger, lost, fatal, close } };
}

export async function readyKafkaProcess(
  settings: KafkaSettings,
  options?: Partial<KafkaFeedOptions>,
): Promise<KafkaProcess> {
  const process = kafkaProcess(settings, options);
  await eventually(
    () => process.connection.status().state === 'up',
    () => `Kafka is ${JSON.stringify(process.connection.status())}`,
  );
  const reopen = async (): Promise<KafkaProcess> => {
    await process.close();
    return readyKafkaProcess(settings, options);
  };
  return { ...process, tooLargeBytes: 1_100_000, reopen };
}
