import { expect } from 'chai';
import { KafkaLogRetention } from '../../../../../src/adapters/kafka/topics/kafka-log-retention.js';
import type { KafkaSettings } from '../../../../../src/adapters/kafka/kafka-settings.js';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('The retention of the message topic', () => {
  const logger = new RecordingLogger();
  const settings = { topics: { messages: 'm', deadLetters: 'd' }, retentionDays: 30 } as KafkaSettings;

  function retention(answer: Record<string, string> | Error): Promise<number> {
    const configEntries = Object.entries(answer).map(([configName, configValue]) => ({
      configName,
      configValue,
    }));
    const admin = { describeConfigs: () => Promise.resolve({ resources: [{ configEntries }] }) };
    const ask = (work: (asked: never) => Promise<unknown>): Promise<unknown> =>
      answer instanceof Error ? Promise.reject(answer) : work(admin as never);
    // The connection is used for nothing else.
    return new KafkaLogRetention({ ask, settings, logger } as never).ofMessages();
  }

  beforeEach(() => {
    logger.lines.length = 0;
  });

  it('is what the broker reports', async () => {
    expect(await retention({ 'retention.ms': '3600000', 'cleanup.policy': 'delete' })).to.equal(3_600_000);
    expect(await retention({ 'retention.ms': '7', 'cleanup.policy': 'compact,delete' })).to.equal(7);
  });

  it('is unlimited if the broker says so, or deletes nothing', async () => {
    expect(await retention({ 'retention.ms': '-1', 'cleanup.policy': 'delete' })).to.equal(Infinity);
    expect(await retention({ 'retention.ms': '3600000', 'cleanup.policy': 'compact' })).to.equal(Infinity);
  });

  it('is unknown if the broker cannot be reached, or does not report it', async () => {
    for (const answer of [new Error('away'), {}]) {
      const error = await retention(answer).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(DependencyUnavailable);
    }
  });

  it('is assumed to be the configured one if the query is forbidden, and logs that', async () => {
    const forbidden = Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(await retention(forbidden)).to.equal(30 * 86_400_000);
    expect(logger.lines[0]).to.deep.include({ level: 'warn', event: 'log.retention-assumed' });
  });
});
