import { expect } from 'chai';
import { KafkaHealth } from '../../../../src/adapters/kafka/kafka-health.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

describe('KafkaHealth', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let health: KafkaHealth;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    health = new KafkaHealth(clock, logger, 'Kafka at k1:9092');
  });

  it('is down until the first contact', async () => {
    const since = clock.now();
    expect(health.status()).to.deep.equal({ state: 'down', since });
    await clock.advance(1_000);
    health.succeeded('brokers');
    expect(health.status()).to.deep.equal({ state: 'up', since: since + 1_000 });
    expect(logger.events()).to.deep.equal(['log.available']);
  });

  it('logs once that the first contact fails, and keeps the last error afterwards', () => {
    health.failed('brokers', 'ECONNREFUSED');
    health.failed('brokers', 'ECONNRESET');
    expect(logger.events()).to.deep.equal(['log.unavailable']);
    health.succeeded('brokers');
    expect(health.status()).to.include({ state: 'up', lastError: 'ECONNRESET' });
    expect(logger.events()).to.deep.equal(['log.unavailable', 'log.available']);
  });

  it('logs in words what it waits for, and that it is back', () => {
    health.failed('brokers', 'ECONNREFUSED', 'advertised:9092');
    health.succeeded('brokers');
    expect(logger.lines.map(({ level, fields }) => ({ level, ...fields }))).to.deep.equal([
      {
        level: 'warn',
        text: 'waiting for Kafka at k1:9092',
        kind: 'ECONNREFUSED',
        broker: 'advertised:9092',
      },
      { level: 'info', text: 'Kafka at k1:9092 is back' },
    ]);
  });

  it('logs the first contact in words', () => {
    health.succeeded('brokers');
    expect(logger.lines[0]?.fields).to.deep.equal({ text: 'connected to Kafka at k1:9092' });
  });

  it('is down since the first failure', async () => {
    health.succeeded('brokers');
    await clock.advance(1_000);
    health.failed('writes', 'NOT_ENOUGH_REPLICAS');
    const since = clock.now();
    await clock.advance(1_000);
    health.failed('writes', 'NOT_ENOUGH_REPLICAS');
    expect(health.status()).to.deep.equal({ state: 'down', since, lastError: 'NOT_ENOUGH_REPLICAS' });
    expect(health.brokersAnswer).to.equal(true);
  });

  it('stays up if a write fails within 5 s of a successful one, to either topic', async () => {
    health.succeeded('brokers');
    for (let n = 0; n < 3; n += 1) {
      health.succeeded('writes');
      await clock.advance(4_999);
      health.failed('writes', 'LEADER_NOT_AVAILABLE');
      expect(health.status().state).to.equal('up');
    }
    await clock.advance(1);
    health.failed('writes', 'LEADER_NOT_AVAILABLE');
    expect(health.status().state).to.equal('down');
    expect(logger.events()).to.deep.equal(['log.available', 'log.unavailable']);
  });

  it('does not recover if brokers answer right after a failed write', async () => {
    health.succeeded('brokers');
    health.failed('writes', 'REQUEST_TIMED_OUT');
    health.succeeded('brokers');
    expect(health.status().state).to.equal('down');
    health.succeeded('writes');
    expect(health.status().state).to.equal('up');
  });

  it('recovers neither early when the wall clock is set ahead, nor late when it is set back', async () => {
    for (const step of [3_600_000, -3_600_000]) {
      health.failed('writes', 'REQUEST_TIMED_OUT');
      clock.stepWall(step);
      await clock.advance(4_999);
      health.succeeded('brokers');
      expect(health.status().state).to.equal('down');
      await clock.advance(1);
      health.succeeded('brokers');
      expect(health.status().state).to.equal('up');
    }
  });

  it('recovers after a while without another write, because an idle process makes none', async () => {
    health.succeeded('brokers');
    health.failed('writes', 'REQUEST_TIMED_OUT');
    await clock.advance(5_000);
    health.succeeded('brokers');
    expect(health.status().state).to.equal('up');
  });

  it('is degraded while a loss is not acknowledged', () => {
    health.succeeded('brokers');
    health.setLoss('receiver mail 0', true);
    health.setLoss('receiver mail 1', true);
    health.setLoss('receiver mail 0', false);
    expect(health.status().state).to.equal('degraded');
    health.failed('brokers', 'ECONNREFUSED');
    expect(health.status().state).to.equal('down');
    health.succeeded('brokers');
    expect(health.status().state).to.equal('degraded');
    health.setLoss('receiver mail 1', false);
    expect(health.status().state).to.equal('up');
  });

  it('is degraded while there are warnings, and returns them', () => {
    health.setWarnings('mail', ['mail: replication is 1']);
    expect(logger.events()).to.deep.equal([]);
    health.succeeded('brokers');
    expect(health.status()).to.deep.include({ state: 'degraded', warnings: ['mail: replication is 1'] });
    health.setWarnings('mail', []);
    expect(health.status()).to.include({ state: 'up' }).and.not.have.property('warnings');
  });

  it('is degraded while partitions have no leader that answers, and names them', () => {
    health.succeeded('brokers');
    health.setUnavailable('mail', [3, 7]);
    health.setUnavailable('mail', [3, 7]);
    expect(health.status()).to.deep.include({
      state: 'degraded',
      warnings: ['mail: partitions without a leader that answers: 3, 7'],
    });
    health.setUnavailable('mail', []);
    expect(health.status()).to.include({ state: 'up' }).and.not.to.have.property('warnings');
    expect(logger.events()).to.deep.equal([
      'log.available',
      'log.partitions-unavailable',
      'log.partitions-available',
    ]);
  });
});
