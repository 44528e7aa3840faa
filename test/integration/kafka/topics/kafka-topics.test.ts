import { expect } from 'chai';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { aRecord, append } from '../../../contract/log/log-under-test.js';
import { eventually } from '../../../support/eventually.js';
import { testKafka } from '../../../support/servers/test-servers.js';
import {
  kafkaProcess,
  kafkaSettings,
  readyKafkaProcess,
  type KafkaProcess,
} from '../kafka-log-under-test.js';

describe('Topics in Kafka', function () {
  this.timeout(30_000);
  let admin: Admin;
  let process: KafkaProcess;

  before(async () => {
    admin = new Kafka({ brokers: [await testKafka()], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });

  after(() => admin.disconnect());
  afterEach(() => process.close());

  const configOf = async (topic: string): Promise<Record<string, string>> => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
    });
    const entries = resources[0]!.configEntries;
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  };

  it('are created as planned if they are missing', async () => {
    const settings = kafkaSettings(await testKafka(), { partitions: 5, retentionDays: 3 });
    process = await readyKafkaProcess(settings);
    const { messages, deadLetters } = settings.topics;
    const { topics } = await admin.fetchTopicMetadata({ topics: [messages, deadLetters] });
    expect(topics.map(({ partitions }) => partitions.length)).to.deep.equal([5, 5]);
    expect(await configOf(messages)).to.include({
      'retention.ms': '259200000',
      'min.insync.replicas': '1',
      'unclean.leader.election.enable': 'false',
      'cleanup.policy': 'delete',
    });
    expect(await configOf(deadLetters)).to.include({ 'retention.ms': '-1' });
    expect(process.logger.events().filter((event) => event === 'log.topic-created')).to.have.length(2);
  });

  it('are not changed if they exist, and their weaknesses are logged', async () => {
    const settings = kafkaSettings(await testKafka(), { replication: 3 });
    const { messages: topic, deadLetters } = settings.topics;
    const configEntries = [{ name: 'retention.ms', value: '60000' }];
    const topics = [topic, deadLetters].map((name) => ({ topic: name, numPartitions: 2, configEntries }));
    await admin.createTopics({ topics });
    process = await readyKafkaProcess(settings);
    const weak = process.logger.lines.filter(({ event }) => event === 'log.topic-weak');
    const ofMessages = weak.filter(({ fields }) => fields['topic'] === topic);
    expect(
      ofMessages.map(({ fields }) => `${String(fields['setting'])}=${String(fields['is'])}`),
    ).to.have.members(['replication=1', 'min.insync.replicas=1', 'retention.ms=60000']);
    expect(await configOf(topic)).to.include({ 'retention.ms': '60000' });
    expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions).to.have.length(2);
  });

  for (const [which, cleanupPolicy] of [
    ['messages', 'compact'],
    ['deadLetters', 'compact,delete'],
  ] as const) {
    it(`are rejected if ${which} is compacted with cleanup.policy=${cleanupPolicy}`, async () => {
      const settings = kafkaSettings(await testKafka());
      const topic = settings.topics[which];
      const configEntries = [{ name: 'cleanup.policy', value: cleanupPolicy }];
      await admin.createTopics({ topics: [{ topic, configEntries }] });
      process = kafkaProcess(settings);
      await eventually(() => process.fatal.length > 0);
      expect(process.fatal[0]).to.have.property('name', 'CompactedTopic');
      expect(process.fatal[0]?.message).to.contain(`The topic ${topic} has cleanup.policy=${cleanupPolicy}`);
      expect(process.connection.status()).to.include({ state: 'down', lastError: 'CompactedTopic' });
    });
  }

  it('are awaited if the program may not create them', async () => {
    const settings = kafkaSettings(await testKafka(), { createTopics: false });
    process = kafkaProcess(settings);
    await eventually(() => process.logger.events().includes('log.topic-missing'));
    const { messages, deadLetters } = settings.topics;
    expect(process.connection.status().state).to.equal('down');
    await admin.createTopics({ topics: [{ topic: messages }, { topic: deadLetters }] });
    await eventually(() => process.connection.status().state === 'up');
    await append(process.messages, aRecord('b', 'one'));
    expect(process.logger.events().filter((event) => event === 'log.topic-missing')).to.have.length(2);
  });

  it('are tried again if the brokers cannot create them as planned, with one log line', async () => {
    process = kafkaProcess(kafkaSettings(await testKafka(), { replication: 3 }));
    await eventually(() => process.logger.events().includes('log.topic-not-created'));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const lines = process.logger.lines.filter(({ event }) => event === 'log.topic-not-created');
    expect(lines.map(({ fields }) => fields['kind'])).to.deep.equal(['INVALID_REPLICATION_FACTOR']);
    expect(process.connection.status()).to.include({
      state: 'down',
      lastError: 'INVALID_REPLICATION_FACTOR',
    });
  });
});
