import { expect } from 'chai';
import { canBeRetried, errorKind, isTooLarge } from '../../../../src/adapters/kafka/kafka-errors.js';
import { brokerError, connectionError } from './producing/fake-producer.js';

describe('kafkajs errors', () => {
  it('are named by the broker’s error, the system error code or their class', () => {
    expect(errorKind(new Error('x', { cause: brokerError('UNKNOWN', false) }))).to.equal('UNKNOWN');
    expect(errorKind(connectionError)).to.equal('ECONNREFUSED');
    expect(errorKind(new TypeError('x'))).to.equal('TypeError');
    expect(errorKind('text')).to.equal('Error');
  });

  it('are found inside aggregate errors', () => {
    const gathered = Object.assign(new Error('all'), {
      errors: [brokerError('INVALID_REPLICATION_FACTOR', false)],
    });
    expect(errorKind(gathered)).to.equal('INVALID_REPLICATION_FACTOR');
  });

  it('are retriable unless the broker’s answer is permanent', () => {
    expect(canBeRetried(connectionError)).to.equal(true);
    expect(canBeRetried(brokerError('NOT_ENOUGH_REPLICAS', true))).to.equal(true);
    expect(canBeRetried(brokerError('INVALID_RECORD', false))).to.equal(false);
    expect(isTooLarge(brokerError('RECORD_LIST_TOO_LARGE', false))).to.equal(true);
  });
});
