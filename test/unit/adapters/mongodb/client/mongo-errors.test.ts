import { expect } from 'chai';
import { mongo } from 'mongoose';
import {
  errorKind,
  isTransient,
  portError,
  systemCode,
} from '../../../../../src/adapters/mongodb/client/mongo-errors.js';
import { DependencyUnavailable, DocumentRejected } from '../../../../../src/application/errors.js';
import { fromBulkWrite, labelled, namedByTheDriver, noServer, serverError } from './driver-errors.js';

describe('MongoDB errors', () => {
  const refused = {
    BSONObjectTooLarge: 10334,
    InvalidBSON: 22,
    DocumentValidationFailure: 121,
    AfterUpdate: 17419,
  };
  for (const [name, code] of Object.entries(refused)) {
    it(`count as caused by the document: ${name}`, () => {
      expect(portError(serverError(code))).to.be.instanceOf(DocumentRejected);
    });
  }

  it('count as caused by the document if the driver cannot encode it', () => {
    const told = [
      new mongo.MongoInvalidArgumentError('Document is larger than the maximum size 16777216'),
      new RangeError('offset is out of bounds'),
    ].map(portError);
    for (const error of told) {
      expect(error).to.be.instanceOf(DocumentRejected).with.property('code', 'document-too-large');
    }
  });

  const outages: Record<string, Error> = {
    'a lost connection': new mongo.MongoNetworkError('gone'),
    'a silent server': new mongo.MongoNetworkTimeoutError('silence'),
    'a connection that closed before the response': new mongo.MongoUnexpectedServerResponseError(
      'Unable to get response from server',
    ),
    'no server': noServer(),
    'a closed client': new mongo.MongoClientClosedError(),
    'a wait for a connection that took too long': namedByTheDriver('MongoWaitQueueTimeoutError'),
    'a closed connection pool': namedByTheDriver('MongoPoolClosedError'),
    'a node that is not primary': serverError(10107),
    'a primary that stepped down': serverError(189),
    'a linearizable read that no majority confirmed': serverError(187),
    'a shutdown': serverError(11600),
    'a time limit': serverError(50),
    'a write that no majority confirmed': new mongo.MongoWriteConcernError({
      ok: 1,
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    }),
    'no rights': serverError(13),
    'a rejected password': serverError(18),
    'a full disk': serverError(14031),
    'a cursor that is gone': serverError(43),
    'a persistent conflict': labelled(serverError(112), 'TransientTransactionError'),
    'a commit with an unknown result': labelled(serverError(9_999), 'UnknownTransactionCommitResult'),
  };
  for (const [name, error] of Object.entries(outages)) {
    it(`do not count as caused by a document: ${name}`, () => {
      const told = portError(error);
      expect(told).to.be.instanceOf(DependencyUnavailable).with.property('cause', error);
    });
  }

  for (const [name, error] of Object.entries(outages)) {
    it(`become DependencyUnavailable when thrown inside a bulk write: ${name}`, () => {
      const told = portError(fromBulkWrite(error));
      expect(told).to.be.instanceOf(DependencyUnavailable);
      expect(errorKind(told)).to.equal(errorKind(error));
    });
  }

  it('become DependencyUnavailable when the bulk write names the original error only as its cause', () => {
    const wrapped = fromBulkWrite(new Error('wrapped'));
    Object.assign(wrapped, {
      errorResponse: { message: 'gone' },
      cause: new mongo.MongoNetworkError('gone'),
    });
    expect(portError(wrapped)).to.be.instanceOf(DependencyUnavailable);
  });

  it('become DocumentRejected when a bulk write cannot encode a document or the server rejects it', () => {
    for (const error of [new RangeError('offset is out of bounds'), serverError(10334)]) {
      expect(portError(fromBulkWrite(error)))
        .to.be.instanceOf(DocumentRejected)
        .with.property('code', 'document-too-large');
    }
  });

  it('stay unknown when a defect is thrown inside a bulk write', () => {
    const wrapped = fromBulkWrite(new TypeError('a defect'));
    expect(portError(wrapped)).to.equal(wrapped);
    expect(errorKind(wrapped)).to.equal('TypeError');
  });

  it('are passed on unchanged if they are not listed', () => {
    const unknown = [
      serverError(11000),
      serverError(9_999),
      new TypeError('a defect'),
      'a string',
      new RangeError('x'),
    ];
    for (const error of unknown) expect(portError(error)).to.equal(error);
  });

  it('are passed on unchanged if they are errors of a port already', () => {
    const told = [
      new DependencyUnavailable('store', new Error('x')),
      new DocumentRejected('document-invalid', 'x'),
    ];
    for (const error of told) expect(portError(error)).to.equal(error);
  });

  it('are retried on a write conflict, or if the driver says so', () => {
    const worth = [
      serverError(11000),
      serverError(112),
      serverError(251),
      labelled(new mongo.MongoNetworkError('gone'), 'TransientTransactionError'),
      labelled(serverError(9_999), 'UnknownTransactionCommitResult'),
    ];
    expect(worth.map(isTransient)).to.deep.equal(worth.map(() => true));
    expect(worth.map(fromBulkWrite).map(isTransient)).to.deep.equal(worth.map(() => true));
    const not = [
      serverError(13),
      serverError(10334),
      new mongo.MongoNetworkError('no label'),
      labelled(noServer(), 'TransientTransactionError'),
      new Error('x'),
    ];
    expect(not.map(isTransient)).to.deep.equal(not.map(() => false));
    expect(not.map(fromBulkWrite).map(isTransient)).to.deep.equal(not.map(() => false));
  });

  it('have a kind that quotes nothing', () => {
    const kinds = [
      serverError(13, 'Unauthorized'),
      serverError(8000),
      new DependencyUnavailable('store', noServer()),
      new TypeError('secret'),
    ].map(errorKind);
    expect(kinds).to.deep.equal(['Unauthorized', 'code 8000', 'MongoServerSelectionError', 'TypeError']);
    expect(errorKind('secret')).to.equal('string');
  });

  it('have the code of the system, if the system caused them', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const wrapped = new Error('no server', { cause: new Error('network', { cause: refused }) });
    expect(systemCode(new DependencyUnavailable('store', wrapped))).to.equal('ECONNREFUSED');
    expect(systemCode(serverError(13, 'Unauthorized'))).to.equal(undefined);
    expect(systemCode('secret')).to.equal(undefined);
  });
});
