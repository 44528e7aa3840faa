import { expect } from 'chai';
import { MongoHealth } from '../../../../../src/adapters/mongodb/connection/mongo-health.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('The health of MongoDB', () => {
  let time: number;
  let logger: RecordingLogger;
  let health: MongoHealth;

  beforeEach(() => {
    time = 1_000;
    logger = new RecordingLogger();
    health = new MongoHealth({ now: () => time }, logger, 'MongoDB at mongodb://h');
  });

  it('is down until the first contact', () => {
    expect(health.status()).to.deep.equal({ state: 'down', since: 1_000 });
    time = 2_000;
    health.succeeded('server');
    expect(health.status()).to.deep.equal({ state: 'up', since: 2_000 });
  });

  it('has no error while the driver looks for a primary before the first contact', () => {
    health.lostPrimary();
    health.succeeded('server');
    expect(health.status()).to.deep.equal({ state: 'up', since: 1_000 });
    health.lostPrimary();
    expect(health.status()).to.include({ state: 'down', lastError: 'NoPrimary' });
  });

  it('is down while any part fails, and keeps the last error', () => {
    health.succeeded('server');
    time = 3_000;
    health.failed('writes', 'Unauthorized');
    time = 4_000;
    health.failed('server', 'NoPrimary');
    health.succeeded('server');
    health.succeeded('reads');
    expect(health.status()).to.deep.equal({ state: 'down', since: 3_000, lastError: 'NoPrimary' });
    expect(health.isFailing('writes')).to.equal(true);
    time = 5_000;
    health.succeeded('writes');
    expect(health.status()).to.deep.equal({ state: 'up', since: 5_000, lastError: 'NoPrimary' });
  });

  it('logs a change once', () => {
    health.failed('server', 'a');
    health.succeeded('server');
    health.succeeded('reads');
    health.failed('reads', 'b');
    health.failed('writes', 'c');
    health.succeeded('reads');
    health.succeeded('writes');
    const change = ['store.unavailable', 'store.available'];
    expect(logger.events()).to.deep.equal([...change, ...change]);
  });

  it('logs in words what it waits for, from the first failed contact, and that it is back', () => {
    health.failed('server', 'MongoServerSelectionError', 'ECONNREFUSED');
    health.failed('server', 'MongoServerSelectionError', 'ECONNREFUSED');
    health.succeeded('server');
    expect(logger.lines.map(({ level, fields }) => ({ level, ...fields }))).to.deep.equal([
      {
        level: 'warn',
        text: 'waiting for MongoDB at mongodb://h',
        part: 'server',
        kind: 'MongoServerSelectionError',
        cause: 'ECONNREFUSED',
      },
      { level: 'info', text: 'MongoDB at mongodb://h is back' },
    ]);
  });

  it('logs the first contact in words', () => {
    health.succeeded('server');
    expect(logger.lines[0]?.fields).to.deep.equal({ text: 'connected to MongoDB at mongodb://h' });
  });
});
