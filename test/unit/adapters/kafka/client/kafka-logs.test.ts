import { expect } from 'chai';
import { logLevel, type LogEntry } from 'kafkajs';
import { kafkaLogs } from '../../../../../src/adapters/kafka/client/kafka-logs.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('kafkaLogs', () => {
  const entry = (level: logLevel, message: string, more: object = {}): LogEntry => ({
    ...{ namespace: 'Connection', level, label: '' },
    log: { timestamp: '', message, ...more },
  });

  it('logs the lines of kafkajs at debug level, because the adapters log what an operator must know', () => {
    const logger = new RecordingLogger();
    const log = kafkaLogs(logger)(logLevel.INFO);
    log(entry(logLevel.ERROR, 'Connection error', { broker: 'a:1', stack: 'long', error: new Error('no') }));
    log(entry(logLevel.INFO, 'Stopped'));
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['debug', 'debug']);
    expect(logger.lines[0]).to.deep.equal({
      ...{ level: 'debug', event: 'kafkajs' },
      fields: { part: 'Connection', text: 'Connection error', broker: 'a:1', error: 'no' },
    });
  });
});
