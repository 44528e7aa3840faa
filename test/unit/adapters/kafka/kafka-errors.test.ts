import { expect } from 'chai';
import { KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSRequestTimeoutError } from 'kafkajs';
import {
  brokerOf,
  canBeRetried,
  errorKind,
  isLostConnection,
  isTooLarge,
} from '../../../../src/adapters/kafka/kafka-errors.js';
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

  it('name the broker that did not answer', () => {
    const refused = new KafkaJSConnectionError('refused', { broker: 'k1:9092', code: 'ECONNREFUSED' });
    expect(brokerOf(new Error('x', { cause: refused }))).to.equal('k1:9092');
    expect(brokerOf(brokerError('UNKNOWN', false))).to.equal(undefined);
  });

  it('are distinguished by whether they mean that the connection was lost', () => {
    const lost = [
      connectionError,
      new KafkaJSConnectionError('closed'),
      new KafkaJSRequestTimeoutError('late', {
        ...{
          broker: 'k1:9092',
          clientId: 'x',
          correlationId: 1,
          createdAt: 0,
          sentAt: 0,
          pendingDuration: 0,
        },
      }),
    ];
    expect(lost.map(isLostConnection)).to.deep.equal([true, true, true]);
    const others = [brokerError('UNKNOWN', false), new KafkaJSNonRetriableError('x'), new TypeError('x')];
    expect(others.map(isLostConnection)).to.deep.equal([false, false, false]);
  });

  it('are retriable unless the broker’s answer is permanent', () => {
    expect(canBeRetried(connectionError)).to.equal(true);
    expect(canBeRetried(brokerError('NOT_ENOUGH_REPLICAS', true))).to.equal(true);
    expect(canBeRetried(brokerError('INVALID_RECORD', false))).to.equal(false);
    expect(isTooLarge(brokerError('RECORD_LIST_TOO_LARGE', false))).to.equal(true);
  });
});
