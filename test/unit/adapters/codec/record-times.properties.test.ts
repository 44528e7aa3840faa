import { expect } from 'chai';
import fc from 'fast-check';
import { cursorText, parseMessageQuery } from '../../../../src/adapters/http/inbox/list-query.js';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import type { LogRecord } from '../../../../src/application/ports/record-log.js';
import { firstFailure } from '../../../../src/domain/failures/failed-message.js';
import { beginReplay } from '../../../../src/domain/failures/failure-actions.js';
import { groupOf } from '../../../../src/domain/failures/failure-group.js';
import { identities } from '../../../support/builders.js';

const codec = new JsonRecordCodec(identities, 100);
const RULES = { messageMaxLength: 100, maxReplays: Infinity, leaseMs: 30_000 };
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Timestamps as the Kafka adapter returns them: any 64-bit integer, and NaN for record formats without one. */
const timestamp = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(Number),
  fc.constantFrom(-1, 0, LATEST, LATEST + 1, 8.64e15, 8.64e15 + 1, Number.NaN),
);
const number = fc.oneof(timestamp, fc.double(), fc.integer(), fc.constant(-0));
const digits = fc.oneof(number.map(String), fc.stringMatching(/^\d{1,20}$/));
const headers = fc.record(
  {
    'postrider.sent-at': digits,
    'postrider.failed-at': digits,
    'postrider.replays': digits,
    'postrider.disposition': fc.constantFrom('rejected', 'exhausted'),
    '__dlq.errors.topic': fc.constant('client-messages'),
    '__dlq.errors.partition': digits,
    '__dlq.errors.offset': digits,
    '__dlq.errors.delivery.count': digits,
  },
  { requiredKeys: [] },
);
const member = fc.oneof(number.map(jsonNumber), digits.map(JSON.stringify));
const record: fc.Arbitrary<LogRecord> = fc
  .record({ timestamp, headers, sentAt: member, failedAt: member })
  .map(({ sentAt, failedAt, ...rest }) => ({
    ...{ topic: 'client-messages', partition: 0, offset: 7, key: Buffer.from('clientB') },
    value: Buffer.from(
      `{"from":"clientA","to":"clientB","message":"hello","sentAt":${sentAt},"failedAt":${failedAt}}`,
    ),
    ...rest,
  }));

/** JSON that other programs may write, including values that ours would not write, such as `-0`. */
function jsonNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

function expectUsable(ms: number): void {
  expect(ms).to.be.within(0, LATEST);
  expect(Object.is(ms, -0), 'is -0').to.equal(false);
  expect(new Date(ms).toISOString()).to.have.lengthOf(24);
}

describe('The times of a record, whatever numbers it contains', () => {
  it('are within 1970 to 9999 in the message, and in a cursor that is accepted', () => {
    fc.assert(
      fc.property(record, (read) => {
        const { message } = codec.decode(read);
        expectUsable(message.sentAt);
        const after = cursorText(message);
        expect(parseMessageQuery({ after }).after?.sentAt).to.equal(message.sentAt);
      }),
    );
  });

  it('are within 1970 to 9999 in its dead letter, and unchanged by a replay', () => {
    fc.assert(
      fc.property(record, (read) => {
        const letter = codec.decodeDeadLetter(read);
        expectUsable(letter.sentAt);
        expectUsable(letter.failedAt);
        const failure = firstFailure(letter, 1, groupOf(letter, identities));
        const replay = codec.encodeReplay(beginReplay(failure, { id: 'act', at: 2, force: true }, RULES));
        const again = codec.decode({ ...read, ...replay, offset: 8 });
        expect(again.message.sentAt).to.equal(letter.sentAt);
      }),
    );
  });
});

describe('The time of a record that has only a log timestamp', () => {
  const plain = Buffer.from('{"from":"clientA","to":"clientB","message":"hello"}');
  const at = (ms: number): LogRecord => ({
    ...{ topic: 'client-messages', partition: 0, offset: 7, key: null, value: plain, headers: {} },
    timestamp: ms,
  });
  const cases: readonly (readonly [number, number])[] = [
    [-1, 0],
    [-5_000, 0],
    [Number.NaN, 0],
    [253_402_300_800_000, LATEST],
    [2 ** 63, LATEST],
    [1_700_000_000_000, 1_700_000_000_000],
  ];
  for (const [timestamp, expected] of cases) {
    it(`is ${String(expected)} for the timestamp ${String(timestamp)}`, () => {
      expect(codec.decode(at(timestamp)).message.sentAt).to.equal(expected);
      expect(codec.decodeDeadLetter(at(timestamp))).to.include({ sentAt: expected, failedAt: expected });
    });
  }

  it("does not change the id, which is derived from the log's timestamp", () => {
    const { id } = codec.decode(at(9e18)).message;
    const position = { topic: 'client-messages', partition: 0, offset: 7 };
    expect(id).to.equal(identities.ofRecord(position, 9e18, null, plain.toString('base64')));
  });
});
