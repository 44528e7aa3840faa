import { recordFeedContract } from '../../contract/log/record-feed.contract.js';
import { recordLogContract } from '../../contract/log/record-log.contract.js';
import { testKafka } from '../../support/servers/test-servers.js';
import { kafkaSettings, readyKafkaProcess, type KafkaProcess } from './kafka-log-under-test.js';

const make = async (): Promise<KafkaProcess> => readyKafkaProcess(kafkaSettings(await testKafka()));

recordLogContract('KafkaRecordLog', make);
recordFeedContract('KafkaRecordFeed', make, { sharedGroups: true });
