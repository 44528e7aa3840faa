import { expect } from 'chai';
import { DependencyUnavailable } from '../../../src/application/errors.js';
import { logFailure } from '../../../src/application/log-failure.js';
import { RecordingLogger } from '../../support/recording-logger.js';

describe('logFailure', () => {
  it('warns of a failure, with its fields and the error', () => {
    const logger = new RecordingLogger();
    const error = new TypeError('bug');
    logFailure(logger, 'replay.job-interrupted', error, { job: 'j' });
    expect(logger.lines).to.deep.equal([
      { level: 'warn', event: 'replay.job-interrupted', fields: { job: 'j', error } },
    ]);
  });

  it('logs what fails during an outage at debug level', () => {
    const logger = new RecordingLogger();
    logFailure(logger, 'replay.not-taken-up', new DependencyUnavailable('store', new Error('down')));
    expect(logger.lines).to.have.lengthOf(1);
    expect(logger.lines[0]).to.include({ level: 'debug', event: 'replay.not-taken-up' });
  });
});
