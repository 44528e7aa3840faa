import { expect } from 'chai';
import type { Admin } from 'kafkajs';
import request from 'supertest';
import type { EmbeddedStore } from '../../../../src/adapters/embedded/store/embedded-store.js';
import type { EmbeddedGroups } from '../../../../src/adapters/embedded/log/embedded-groups.js';
import { LogTrimmer } from '../../../../src/adapters/embedded/log/log-trimmer.js';
import { PartitionReading } from '../../../../src/adapters/embedded/log/partition-reading.js';
import { apiRoutes, buildHttpApp } from '../../../../src/adapters/http/http-app.js';
import { KafkaHealth } from '../../../../src/adapters/kafka/kafka-health.js';
import type { KafkaSettings } from '../../../../src/adapters/kafka/kafka-settings.js';
import { KafkaTopics } from '../../../../src/adapters/kafka/topics/kafka-topics.js';
import { TopicInspection } from '../../../../src/adapters/kafka/topics/topic-inspection.js';
import type { MongoConnection } from '../../../../src/adapters/mongodb/connection/mongo-connection.js';
import { MongoInboxSignals } from '../../../../src/adapters/mongodb/inbox/mongo-inbox-signals.js';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { apiStub } from '../../../support/http/api-stub.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { RecordingSubscriber } from '../../../support/delivery/recording-subscriber.js';
import { ConsumerWorld } from '../kafka/consuming/consumer-world.js';

const TOPICS = { messages: 'mail', deadLetters: 'mail-dlq' };
const SETTINGS = {
  brokers: ['localhost:9092'],
  clientId: 'test',
  topics: TOPICS,
  createTopics: true,
  partitions: 3,
  replication: 3,
  retentionDays: 30,
};

function kafkaTopics(logger: RecordingLogger, changes: Partial<KafkaSettings> = {}): KafkaTopics {
  const health = new KafkaHealth(new FakeClock(), logger);
  const inspection = new TopicInspection(health, logger);
  return new KafkaTopics({ ...SETTINGS, ...changes }, inspection, logger, new FakeClock());
}

/**
 * The part of kafkajs's admin that topics need. `existing` topics have this replication, unless reading them is
 * forbidden.
 */
function admin(existing: readonly string[], changes: Partial<Record<keyof Admin, unknown>> = {}): Admin {
  const fake = {
    listTopics: () => Promise.resolve([...existing]),
    createTopics: () => Promise.resolve(true),
    fetchTopicMetadata: () =>
      Promise.resolve({ topics: [{ partitions: [{ partitionId: 0, replicas: [1] }] }] }),
    fetchTopicOffsets: () => Promise.resolve([{ partition: 0, low: '0', high: '0' }]),
    describeConfigs: () => Promise.resolve({ resources: [] }),
    describeCluster: () => Promise.resolve({ brokers: [{}] }),
    ...changes,
  };
  return fake as unknown as Admin;
}

describe('The log has a line for', () => {
  let logger: RecordingLogger;
  beforeEach(() => {
    logger = new RecordingLogger();
  });

  it('a topic that was created', async () => {
    await kafkaTopics(logger).ensure(admin(['mail-dlq', 'mail'].slice(0, 1)));
    const [line] = logger.lines.filter(({ event }) => event === 'log.topic-created');
    expect(line).to.deep.include({ level: 'info', fields: { topic: 'mail', partitions: 3, replication: 3 } });
  });

  it('a topic that is weaker than advised', async () => {
    await kafkaTopics(logger).ensure(admin(['mail', 'mail-dlq']));
    expect(logger.lines[0]).to.deep.include({ level: 'warn', event: 'log.topic-weak' });
    expect(logger.lines[0]?.fields).to.deep.equal({
      topic: 'mail',
      setting: 'replication',
      is: '1',
      advised: '3',
    });
  });

  it('a topic whose settings are not readable, and the program continues', async () => {
    const describeConfigs = () => Promise.reject(new Error('not allowed'));
    await kafkaTopics(logger).ensure(admin(['mail', 'mail-dlq'], { describeConfigs }));
    expect(logger.events()).to.deep.equal(['log.topic-not-inspected', 'log.topic-not-inspected']);
  });

  it('a missing topic that must not be created, once', async () => {
    const topics = kafkaTopics(logger, { createTopics: false, replication: 1 });
    for (let n = 0; n < 2; n += 1) await topics.ensure(admin(['mail']));
    expect(logger.events()).to.deep.equal(['log.topic-missing']);
    expect(logger.lines[0]).to.deep.include({ level: 'warn' });
  });

  it('a topic that could not be created, once for each reason', async () => {
    const topics = kafkaTopics(logger);
    const createTopics = () =>
      Promise.reject(Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' }));
    for (let n = 0; n < 2; n += 1) await topics.ensure(admin([], { createTopics })).catch(() => undefined);
    expect(logger.events()).to.deep.equal(['log.topic-not-created']);
    expect(logger.lines[0]?.fields).to.deep.equal({ topic: 'mail', kind: 'TOPIC_AUTHORIZATION_FAILED' });
  });

  it('old records that could not be removed', async () => {
    const error = new Error('disk full');
    // Only `write` of the store is called before it fails.
    const store = { tables: {}, write: () => Promise.reject(error) } as unknown as EmbeddedStore;
    // The groups are not called either.
    const groups = {} as EmbeddedGroups;
    const clock = new FakeClock();
    const trimmer = new LogTrimmer(store, groups, clock, logger, 1_000);
    trimmer.start();
    await clock.advance(60_000);
    await eventually(() => logger.lines.length > 0);
    await trimmer.stop();
    expect(logger.lines).to.deep.equal([{ level: 'warn', event: 'log.trim-failed', fields: { error } }]);
  });

  it('an embedded log that is not readable', () => {
    const error = new Error('gone');
    const getRange = () => {
      throw error;
    };
    // Only these tables of the store are used.
    const store = { tables: { offsets: new Map(), log: { getRange } } } as unknown as EmbeddedStore;
    const topic = { topic: 'messages', group: 'receiver' } as const;
    new PartitionReading(store, logger, topic, 'mail', 4, new RecordingSubscriber()).pump();
    expect(logger.lines).to.deep.equal([
      { level: 'error', event: 'log.read-failed', fields: { partition: 4, error } },
    ]);
  });

  it('a partition whose offset is not known yet', async () => {
    const world = await ConsumerWorld.begin();
    world.positions = new Error('down');
    world.kafka.join(1);
    await world.clock.advance(0);
    expect(world.logger.events()).to.deep.equal(['log.position-unknown']);
  });

  it('a defect in delivery, which kafkajs does not see', async () => {
    const bug = new TypeError('bug');
    const holds = () => {
      throw bug;
    };
    const world = await ConsumerWorld.begin({ holds }, 1);
    await world.kafka.deliver({ partition: 1, offsets: [10] });
    expect(world.logger.lines).to.deep.equal([
      { level: 'error', event: 'log.receive-failed', fields: { error: bug } },
    ]);
  });

  it('a change stream that broke', async () => {
    // Only `use` of the connection is called.
    const connection = { use: () => Promise.reject(new TypeError('broken')) } as unknown as MongoConnection;
    const signals = new MongoInboxSignals(connection, logger);
    signals.subscribe(() => undefined);
    await eventually(() => logger.lines.length > 0);
    await signals.close();
    expect(logger.lines[0]).to.deep.include({ level: 'warn', event: 'store.signals-interrupted' });
  });

  it('a request that met a defect, with its id', async () => {
    const bug = new TypeError('bug');
    const failing = () => {
      throw bug;
    };
    const api = apiStub({
      archive: { messages: failing, failures: failing, messagePlaces: failing, failurePlaces: failing },
    });
    const app = buildHttpApp({ routes: apiRoutes(api, logger), logger });
    await request(app).get('/messages').set('x-request-id', 'abc').expect(500);
    const [line] = logger.lines;
    expect(line).to.deep.include({ level: 'error', event: 'http.failed' });
    expect(line?.fields).to.include({ requestId: 'abc', status: 500, error: bug });
  });
});
