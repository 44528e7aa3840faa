import { expect } from 'chai';
import type { Admin } from 'kafkajs';
import { KafkaHealth } from '../../../../../src/adapters/kafka/kafka-health.js';
import { KafkaTopics } from '../../../../../src/adapters/kafka/topics/kafka-topics.js';
import { TopicInspection } from '../../../../../src/adapters/kafka/topics/topic-inspection.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

const SETTINGS = {
  ...{ brokers: ['localhost:9092'], clientId: 'test', createTopics: true },
  ...{ partitions: 1, replication: 1, retentionDays: 30 },
  topics: { messages: 'mail', deadLetters: 'mail-dlq' },
};

describe('KafkaTopics', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let topics: KafkaTopics;
  /** The errors of the next requests for metadata. */
  let errors: string[];
  let requests: number;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    const inspection = new TopicInspection(new KafkaHealth(clock, logger), logger);
    topics = new KafkaTopics(SETTINGS, inspection, logger, clock);
    errors = [];
    requests = 0;
  });

  /** A broker that creates topics at once, and hears of them later. */
  const fakeAdmin = {
    listTopics: () => Promise.resolve([]),
    createTopics: ({ waitForLeaders }: { waitForLeaders: boolean }) =>
      waitForLeaders ? rejection('UNKNOWN_TOPIC_OR_PARTITION') : Promise.resolve(true),
    fetchTopicMetadata: () => {
      requests += 1;
      const type = errors.shift();
      return type === undefined ? Promise.resolve({ topics: [] }) : rejection(type);
    },
    describeConfigs: () => Promise.resolve({ resources: [] }),
    describeCluster: () => Promise.resolve({ brokers: [{}] }),
  };
  // The part of kafkajs's admin that topics need.
  const admin = fakeAdmin as unknown as Admin;
  const rejection = (type: string) => Promise.reject(Object.assign(new Error(type), { type }));

  const ensured = async (ms: number): Promise<unknown> => {
    let result: unknown = 'waiting';
    topics.ensure(admin).then(
      () => (result = 'ensured'),
      (error: unknown) => (result = error),
    );
    await clock.advance(ms);
    return result;
  };

  it('waits until the broker has heard of a topic that it created', async () => {
    errors = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];
    expect(await ensured(200)).to.equal('ensured');
    expect(requests).to.be.at.least(4);
    expect(logger.events()).to.deep.equal(['log.topic-created', 'log.topic-created']);
  });

  it('fails if the broker has not heard of it after 5 s', async () => {
    errors = Array.from({ length: 100 }, () => 'UNKNOWN_TOPIC_OR_PARTITION');
    expect(await ensured(4_900)).to.equal('waiting');
    await clock.advance(200);
    expect(logger.events()).to.deep.equal(['log.topic-created', 'log.topic-not-created']);
  });

  it('fails at once with any other error', async () => {
    errors = ['TOPIC_AUTHORIZATION_FAILED'];
    expect(await ensured(0)).to.include({ type: 'TOPIC_AUTHORIZATION_FAILED' });
  });
});
