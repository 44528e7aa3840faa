import { expect } from 'chai';
import { KafkaJSProtocolError } from 'kafkajs';
import { CompactedTopic } from '../../../../../src/adapters/kafka/topics/compacted-topic.js';
import { KafkaHealth } from '../../../../../src/adapters/kafka/kafka-health.js';
import {
  TopicInspection,
  type InspectingAdmin,
} from '../../../../../src/adapters/kafka/topics/topic-inspection.js';
import { planTopics } from '../../../../../src/adapters/kafka/topics/topic-plan.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

const PLANNING = { partitions: 3, replication: 1, retentionDays: 30 };
const PLANS = planTopics({ topics: { messages: 'mail', deadLetters: 'mail-dlq' }, ...PLANNING });

/** A cluster in which both topics have the same settings. */
class FakeCluster implements InspectingAdmin {
  brokers = 1;
  replicas = 1;
  config: Record<string, string> = { ...PLANS[1]!.config };
  error: Error | undefined;
  asked = 0;

  describeCluster = () =>
    Promise.resolve({ brokers: Array.from({ length: this.brokers }, (_, nodeId) => ({ nodeId })) });

  fetchTopicMetadata = () => {
    const replicas = Array.from({ length: this.replicas }, (_, index) => index);
    return Promise.resolve({ topics: [{ partitions: [{ replicas }, { replicas: [...replicas, 7] }] }] });
  };

  describeConfigs = () => {
    this.asked++;
    if (this.error) return Promise.reject(this.error);
    const configEntries = Object.entries(this.config).map(([configName, configValue]) => {
      return { configName, configValue };
    });
    return Promise.resolve({ resources: [{ configEntries }] });
  };
}

function setUp(changes: Partial<FakeCluster> = {}) {
  const cluster = Object.assign(new FakeCluster(), changes);
  const logger = new RecordingLogger();
  const health = new KafkaHealth(new FakeClock(), new RecordingLogger());
  health.succeeded('brokers');
  const inspection = new TopicInspection(health, logger);
  const run = async (times = 1): Promise<void> => {
    for (let time = 0; time < times; time++) await inspection.run(cluster, PLANS);
  };
  const settings = (): string[] =>
    logger.lines.map(({ fields }) => `${String(fields['topic'])} ${String(fields['setting'])}`);
  return { cluster, logger, health, run, settings };
}

const forbidden = (): Error =>
  new KafkaJSProtocolError(Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED', code: 29 }));

describe('The inspection of existing topics', () => {
  it('reports nothing for topics that are as planned on a single broker', async () => {
    const { logger, health, run } = setUp();
    await run();
    expect(logger.lines).to.deep.equal([]);
    expect(health.status()).to.include({ state: 'up' }).and.not.have.property('warnings');
  });

  it('warns of a single replica on a cluster of several brokers, in the log and in the status', async () => {
    const { logger, health, run, settings } = setUp({ brokers: 3 });
    await run();
    expect(settings()).to.deep.equal(['mail replication', 'mail-dlq replication']);
    expect(logger.lines[0]).to.deep.include({ level: 'warn', event: 'log.topic-weak' });
    expect(logger.lines[0]?.fields).to.include({ is: '1', advised: '3' });
    expect(health.status()).to.deep.include({
      state: 'degraded',
      warnings: ['mail: replication is 1, 3 is advised', 'mail-dlq: replication is 1, 3 is advised'],
    });
  });

  it('warns of min.insync.replicas=1 if there are several replicas', async () => {
    const { health, run } = setUp({ brokers: 3, replicas: 3 });
    await run();
    expect(health.status().warnings?.[0]).to.equal('mail: min.insync.replicas is 1, 2 is advised');
  });

  it('warns once, and withdraws a warning when the topic has been changed', async () => {
    const { cluster, logger, health, run } = setUp({ brokers: 3, replicas: 3 });
    await run(30);
    expect(logger.lines).to.have.length(2);
    cluster.config['min.insync.replicas'] = '2';
    await run(12);
    expect(health.status()).to.include({ state: 'up' }).and.not.have.property('warnings');
  });

  it('asks the brokers only at every twelfth check', async () => {
    const { cluster, run } = setUp();
    await run(12);
    expect(cluster.asked).to.equal(2);
    await run();
    expect(cluster.asked).to.equal(4);
  });

  for (const policy of ['compact', 'compact,delete', 'delete, compact']) {
    it(`rejects cleanup.policy=${policy}, and says how to change it`, async () => {
      const { cluster, run } = setUp();
      cluster.config['cleanup.policy'] = policy;
      const error: unknown = await run().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(CompactedTopic);
      expect((error as Error).message)
        .to.include(`The topic mail has cleanup.policy=${policy}`)
        .and.include('--entity-name mail --add-config cleanup.policy=delete')
        .and.not.include('\n');
    });
  }

  it('rejects a topic that becomes compacted while the program runs', async () => {
    const { cluster, run } = setUp();
    await run();
    cluster.config['cleanup.policy'] = 'compact';
    const error: unknown = await run(12).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(CompactedTopic);
  });

  it('warns once if the settings are not readable, and still compares replicas with brokers', async () => {
    const { logger, health, run } = setUp({ brokers: 3, error: forbidden() });
    await run(30);
    const lines = logger.lines.filter(({ event }) => event === 'log.topic-not-inspected');
    expect(lines.map(({ level, fields }) => [level, fields['topic'], fields['kind']])).to.deep.equal([
      ['warn', 'mail', 'TOPIC_AUTHORIZATION_FAILED'],
      ['warn', 'mail-dlq', 'TOPIC_AUTHORIZATION_FAILED'],
    ]);
    expect(health.status().warnings).to.have.length(2);
  });

  it('asks again at the next check if the brokers did not answer', async () => {
    const { cluster, run } = setUp({ error: new Error('timed out') });
    cluster.config['cleanup.policy'] = 'compact';
    await run();
    cluster.error = undefined;
    const error: unknown = await run().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(CompactedTopic);
  });
});
