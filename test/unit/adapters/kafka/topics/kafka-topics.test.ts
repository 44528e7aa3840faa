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
  /** The errors of the next requests for offsets. */
  let errors: string[];
  /** The partitions that the next answers lack. */
  let missing: number[];

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    const inspection = new TopicInspection(new KafkaHealth(clock, logger), logger);
    topics = new KafkaTopics(SETTINGS, inspection, logger, clock);
    errors = [];
    missing = [];
  });

  /** A broker that creates topics at once, and hears of them later. */
  const fakeAdmin = {
    listTopics: () => Promise.resolve([]),
    createTopics: ({ waitForLeaders }: { waitForLeaders: boolean }) =>
      waitForLeaders ? rejection('UNKNOWN_TOPIC_OR_PARTITION') : Promise.resolve(true),
    fetchTopicOffsets: () => {
      const type = errors.shift();
      if (type !== undefined) return rejection(type);
      const lacking = missing.shift();
      const answers = [0, 1].filter((partition) => partition !== lacking);
      return Promise.resolve(answers.map((partition) => ({ partition, low: '0', high: '0' })));
    },
    fetchTopicMetadata: () => {
      const partitions = [0, 1].map((partitionId) => ({ partitionId, replicas: [1] }));
      return Promise.resolve({ topics: [{ partitions }] });
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

  it('waits until a new topic is known and each of its partitions has a leader', async () => {
    errors = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];
    missing = [1];
    expect(await ensured(399)).to.equal('waiting');
    await clock.advance(1);
    expect(logger.events()).to.deep.equal(['log.topic-created', 'log.topic-created']);
  });

  it('waits for leaders at most 5 s', async () => {
    missing = Array.from({ length: 100 }, () => 0);
    expect(await ensured(4_900)).to.equal('waiting');
    await clock.advance(100);
    expect(logger.events()).to.deep.equal(['log.topic-created', 'log.topic-created']);
  });

  it('fails if the broker has not heard of it after 5 s', async () => {
    errors = Array.from({ length: 100 }, () => 'UNKNOWN_TOPIC_OR_PARTITION');
    expect(await ensured(4_900)).to.equal('waiting');
    await clock.advance(100);
    expect(logger.events()).to.deep.equal(['log.topic-created', 'log.topic-not-created']);
  });

  it('fails at once with any other error', async () => {
    errors = ['TOPIC_AUTHORIZATION_FAILED'];
    expect(await ensured(0)).to.include({ type: 'TOPIC_AUTHORIZATION_FAILED' });
  });
});
