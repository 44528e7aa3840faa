import { expect } from 'chai';
import { logLevel, type LogEntry } from 'kafkajs';
import { kafkaLogs } from '../../../../../src/adapters/kafka/client/kafka-logs.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('kafkaLogs', () => {
  const entry = (level: logLevel, message: string, more: object = {}): LogEntry => ({
    ...{ namespace: 'Connection', level, label: '' },
    log: { timestamp: '', message, ...more },
  });

  it('logs kafkajs errors as warnings, and repeats one only after a while', () => {
    const logger = new RecordingLogger();
    let now = 0;
    const log = kafkaLogs(logger, () => now)(logLevel.INFO);
    const error = entry(logLevel.ERROR, 'Connection error', {
      broker: 'a:1',
      stack: 'long',
      error: new Error('no'),
    });
    log(error);
    log(error);
    now = 30_000;
    log(error);
    expect(logger.lines).to.have.length(2);
    expect(logger.lines[0]).to.deep.equal({
      ...{ level: 'warn', event: 'kafkajs' },
      fields: { part: 'Connection', text: 'Connection error', broker: 'a:1', error: 'no' },
    });
  });

  it('logs everything else at debug level', () => {
    const logger = new RecordingLogger();
    const log = kafkaLogs(logger)(logLevel.INFO);
    log(entry(logLevel.INFO, 'Stopped'));
    log(
      entry(logLevel.ERROR, 'Response SyncGroup(key: 14, version: 3)', { error: 'The group is rebalancing' }),
    );
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['debug', 'debug']);
  });
});
