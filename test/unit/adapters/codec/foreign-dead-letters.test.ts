import { expect } from 'chai';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import type { LogRecord, NewRecord } from '../../../../src/application/ports/record-log.js';
import type { DeadLetter } from '../../../../src/domain/failures/failed-message.js';
import { firstFailure } from '../../../../src/domain/failures/failed-message.js';
import { beginCorrection, beginReplay } from '../../../../src/domain/failures/failure-actions.js';
import { groupOf } from '../../../../src/domain/failures/failure-group.js';
import { identities } from '../../../support/builders.js';

const codec = new JsonRecordCodec(identities, 10_000);
const RULES = { messageMaxLength: 10_000, maxReplays: 5, leaseMs: 30_000 };
const texts = { from: 'clientA', to: 'clientB', message: 'hello' };
const nest = { ...texts, reason: 'no room', failedAt: '2026-11-20T07:00:05.000Z' };
const FAILED_AT = Date.UTC(2026, 10, 20, 7, 0, 5);
const NO_REASON = 'Another program put it on the dead-letter topic and gave no reason.';

function asRead(record: NewRecord, offset = 9): LogRecord {
  return { topic: 'client-messages-dlq', partition: 1, offset, timestamp: 1_800_000_000_000, ...record };
}

function letterOf(value: unknown, headers: Record<string, string> = {}): DeadLetter {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return codec.decodeDeadLetter(asRead({ key: null, value: bytes, headers }));
}

const failed = (letter: DeadLetter) => firstFailure(letter, 1, groupOf(letter, identities));

/** Decodes the record that a replay would publish. */
function replayed(letter: DeadLetter) {
  const record = codec.encodeReplay(beginReplay(failed(letter), { id: 'act', at: 2, force: false }, RULES));
  return codec.decode(asRead(record, 77));
}

describe("A dead letter in the NestJS service's form", () => {
  const forms: [string, unknown][] = [
    ['bare', nest],
    ['as a string in an envelope', { key: 'clientB', value: JSON.stringify(nest) }],
    ['as an object in an envelope', { key: 'clientB', value: nest }],
  ];
  for (const [form, value] of forms) {
    it(`says who sent it, what failed, why and when (${form})`, () => {
      expect(letterOf(value)).to.deep.include({
        ...{ ...texts, reason: 'no room', failedAt: FAILED_AT, sentAt: 1_800_000_000_000 },
        ...{ code: 'foreign-dead-letter', disposition: 'rejected', replays: 0, attempts: 0 },
        content: identities.contentOf(texts),
      });
      expect(letterOf(value)).to.not.have.property('encoding');
    });

    it(`is replayed as the message inside it (${form})`, () => {
      const letter = letterOf(value);
      expect(replayed(letter)).to.deep.include({ kind: 'message', content: letter.content, replays: 1 });
      expect(replayed(letter).message).to.deep.equal({
        ...{ ...texts, id: letter.id, sentAt: letter.sentAt },
      });
    });

    it(`keeps its bytes, and is the same failure on every delivery (${form})`, () => {
      const letter = letterOf(value);
      expect(letterOf(value)).to.deep.equal(letter);
      expect(JSON.parse(String(letter.value && Buffer.from(letter.value)))).to.deep.equal(value);
      const base64 = Buffer.from(JSON.stringify(value)).toString('base64');
      const position = { topic: 'client-messages-dlq', partition: 1, offset: 9 };
      expect(letter.id).to.equal(identities.ofRecord(position, 1_800_000_000_000, null, base64));
    });
  }

  it('may have its time in milliseconds', () => {
    expect(letterOf({ ...nest, failedAt: FAILED_AT }).failedAt).to.equal(FAILED_AT);
  });

  it('has the time of its record, and no reason, if its own are of another type', () => {
    const letter = letterOf({ ...nest, failedAt: 'yesterday', reason: { code: 7 } });
    expect(letter).to.include({ failedAt: 1_800_000_000_000, reason: NO_REASON });
  });

  it('keeps the members that it contains, so that they can be corrected', () => {
    const letter = letterOf({ value: JSON.stringify({ ...nest, message: undefined }) });
    expect(letter).to.include({ from: 'clientA', to: 'clientB', message: '', reason: 'no room' });
    expect(() => replayed(letter)).to.throw('Path `message` is required.');
  });

  it('does not override headers', () => {
    const headers = { '__dlq.errors.message': 'boom', 'postrider.failed-at': '1700000000000' };
    const told = letterOf(nest, { ...headers, 'postrider.code': 'delivery-failed' });
    expect(told).to.include({ reason: 'boom', failedAt: 1_700_000_000_000, code: 'delivery-failed' });
  });

  it("is not recognised inside Postrider's own dead letters, whose content is the message to deliver", () => {
    const value = Buffer.from(JSON.stringify({ value: JSON.stringify(nest) }));
    const ours = codec.decodeDeadLetter(
      asRead({ key: null, value, headers: { 'postrider.disposition': 'rejected' } }),
    );
    expect(ours).to.include({ from: '', message: '', reason: NO_REASON });
    expect(ours.content).to.equal(identities.contentOfBytes(value.toString('base64')));
  });
});

describe("A dead letter with some of Kafka's headers", () => {
  it('uses what the headers say, but no incomplete origin', () => {
    const headers = { '__dlq.errors.topic': 'client-messages', '__dlq.errors.message': 'boom' };
    expect(letterOf(texts, headers))
      .to.include({ reason: 'boom', attempts: 0 })
      .and.not.have.property('origin');
  });

  it('has its own reason if the header is empty, and zero attempts if the count is not a number', () => {
    const headers = { '__dlq.errors.message': '', '__dlq.errors.delivery.count': 'many' };
    expect(letterOf(nest, headers)).to.include({ reason: 'no room', attempts: 0 });
  });
});

describe('A dead letter that contains no message', () => {
  const values: [string, Buffer][] = [
    ['bytes', Buffer.from([0xff, 0x00, 0xfe])],
    ['text', Buffer.from('boom')],
    ['a JSON array', Buffer.from('[1,2]')],
    ['another object', Buffer.from('{"order":7}')],
    ['an envelope of another object', Buffer.from('{"key":"k","value":"{\\"order\\":7}"}')],
    ['an envelope that is not JSON', Buffer.from('{"key":"k","value":"boom"}')],
  ];
  for (const [what, value] of values) {
    it(`shows its bytes, and can be corrected but not replayed (${what})`, () => {
      const letter = letterOf(value);
      expect(letter).to.include({ encoding: 'base64', message: value.toString('base64'), reason: NO_REASON });
      expect(letter).to.include({ from: '', to: '', code: 'foreign-dead-letter' });
      expect(() => replayed(letter)).to.throw('The record is not a message');
      const changes = { to: 'clientB', message: 'hello' };
      const correcting = beginCorrection(failed(letter), changes, { id: 'act', at: 3 }, RULES, identities);
      const { message } = codec.decode(asRead(codec.encodeReplay(correcting)));
      const id = identities.ofCorrection(letter.id);
      expect(message).to.deep.equal({ ...changes, from: 'unknown', id, sentAt: 3, corrects: letter.id });
    });
  }

  it('is shown even if it has no bytes', () => {
    const letter = codec.decodeDeadLetter(asRead({ key: null, value: null, headers: {} }));
    expect(letter).to.include({ encoding: 'base64', message: '', value: null });
  });
});
