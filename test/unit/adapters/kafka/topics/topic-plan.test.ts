import { expect } from 'chai';
import {
  planTopics,
  risks,
  weaknesses,
  type PlannedTopic,
} from '../../../../../src/adapters/kafka/topics/topic-plan.js';

describe('planTopics', () => {
  const plan = (changes: Partial<Parameters<typeof planTopics>[0]> = {}): [PlannedTopic, PlannedTopic] =>
    planTopics({
      topics: { messages: 'mail', deadLetters: 'mail-dlq' },
      ...{ partitions: 12, replication: 3, retentionDays: 30 },
      ...changes,
    }) as [PlannedTopic, PlannedTopic];

  it('keeps messages for the configured days, and dead letters without limit', () => {
    const [messages, deadLetters] = plan({ retentionDays: 2.5 });
    expect(messages).to.deep.include({ name: 'mail', partitions: 12, replication: 3 });
    expect(messages.config['retention.ms']).to.equal('216000000');
    expect(deadLetters).to.deep.include({ name: 'mail-dlq', partitions: 12, replication: 3 });
    expect(deadLetters.config['retention.ms']).to.equal('-1');
  });

  for (const [replication, minInSync] of [
    [1, '1'],
    [2, '1'],
    [3, '2'],
    [5, '4'],
  ] as const) {
    it(`requires ${minInSync} of ${String(replication)} replicas to confirm, and disables unclean leader election`, () => {
      for (const { config } of plan({ replication })) {
        expect(config['min.insync.replicas']).to.equal(minInSync);
        expect(config['unclean.leader.election.enable']).to.equal('false');
        expect(config['cleanup.policy']).to.equal('delete');
      }
    });
  }

  const settingsOf = (actual: Parameters<typeof weaknesses>[1], [planned] = plan()): string[] =>
    weaknesses(planned, actual).map(({ setting }) => setting);

  it('reports no weakness for topics that are as planned, or stronger', () => {
    const [{ config }] = plan();
    expect(settingsOf({ brokers: 3, replication: 3, config })).to.deep.equal([]);
    const stronger = { ...config, 'retention.ms': '-1', 'min.insync.replicas': '3' };
    expect(settingsOf({ brokers: 3, replication: 5, config: stronger })).to.deep.equal([]);
    expect(settingsOf({ brokers: 3, replication: 3, config: {} })).to.deep.equal([]);
  });

  for (const [setting, value] of [
    ['min.insync.replicas', '1'],
    ['unclean.leader.election.enable', 'true'],
    ['retention.ms', '604800000'],
    ['retention.bytes', '1000000'],
  ] as const) {
    it(`reports ${setting}=${value} as weak`, () => {
      const [{ config }] = plan();
      expect(
        settingsOf({ brokers: 3, replication: 3, config: { ...config, [setting]: value } }),
      ).to.deep.equal([setting]);
    });
  }

  it('reports too few replicas as weak, and says what is advised', () => {
    const [planned] = plan();
    expect(weaknesses(planned, { brokers: 3, replication: 1, config: {} })).to.deep.equal([
      { setting: 'replication', is: '1', advised: '3' },
    ]);
  });

  it('reports any limit as weak if there should be none', () => {
    const [, deadLetters] = plan();
    const config = { ...deadLetters.config, 'retention.ms': '999999999999' };
    expect(
      weaknesses(deadLetters, { brokers: 3, replication: 3, config }).map(({ setting }) => setting),
    ).to.deep.equal(['retention.ms']);
  });

  const risky = (brokers: number, replication: number, minInSync?: string): string[] => {
    const config = minInSync === undefined ? {} : { 'min.insync.replicas': minInSync };
    return risks({ brokers, replication, config }).map(
      ({ setting, is, advised }) => `${setting} ${is} < ${advised}`,
    );
  };

  it('reports a single replica as risky if there are other brokers', () => {
    expect(risky(1, 1, '1')).to.deep.equal([]);
    expect(risky(2, 1, '1')).to.deep.equal(['replication 1 < 2']);
    expect(risky(5, 1)).to.deep.equal(['replication 1 < 3']);
  });

  it('reports one confirming replica of several as risky', () => {
    expect(risky(2, 2, '1')).to.deep.equal(['min.insync.replicas 1 < 2']);
    expect(risky(3, 3, '1')).to.deep.equal(['min.insync.replicas 1 < 2']);
    expect(risky(3, 3, '2')).to.deep.equal([]);
    expect(risky(3, 3)).to.deep.equal([]);
  });
});
