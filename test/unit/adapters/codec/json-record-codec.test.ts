import { expect } from 'chai';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import { sha256 } from '../../../../src/adapters/codec/sha256.js';
import type { DecodedRecord } from '../../../../src/application/ports/record-codec.js';
import type { LogRecord } from '../../../../src/application/ports/record-log.js';
import { Identities } from '../../../../src/domain/identity.js';
import { aMessage } from '../../../support/builders.js';

const ID = '0123456789abcdef01234567';
const OTHER_ID = 'fedcba9876543210fedcba98';
const identities = new Identities(sha256);
const codec = new JsonRecordCodec(identities, 100);

function aRecord(
  value: unknown,
  headers: Record<string, string> = {},
  given: Partial<LogRecord> = {},
): LogRecord {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  const position = { topic: 'client-messages', partition: 2, offset: 7, timestamp: 1_700_000_000_000 };
  return { key: Buffer.from('clientB'), value: bytes, headers, ...position, ...given };
}

const plain = { from: 'clientA', to: 'clientB', message: 'hello' };
const decode = (value: unknown, headers?: Record<string, string>): DecodedRecord =>
  codec.decode(aRecord(value, headers));

describe('The wire format of messages', () => {
  it('has the recipient as key, the message as JSON, and its id in a header', () => {
    const message = aMessage({ id: ID, sentAt: Date.UTC(2024, 0, 2, 3, 4, 5, 6) });
    const record = codec.encode(message, {});
    expect(record.key?.toString()).to.equal('clientB');
    expect(JSON.parse(String(record.value))).to.deep.equal({
      ...{ id: ID, from: 'clientA', to: 'clientB', message: 'hello' },
      sentAt: '2024-01-02T03:04:05.006Z',
    });
    expect(record.headers).to.deep.equal({ 'content-type': 'application/json', 'postrider.message-id': ID });
  });

  it('passes a trace on', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(codec.encode(aMessage(), { traceparent }).headers).to.include({ traceparent });
  });

  it('decodes to the message that was encoded', () => {
    const message = aMessage({ message: 'Grüße\n\tan ✉' });
    const { key, value, headers } = codec.encode(message, {});
    expect(codec.decode(aRecord(value, headers, { key }))).to.deep.equal({
      ...{ kind: 'message', message, replays: 0 },
      content: identities.contentOf(message),
    });
  });

  it('accepts JSON with surrounding white space', () => {
    expect(decode(Buffer.from(` \t\r\n${JSON.stringify(plain)}\n `)).message).to.include(plain);
  });

  it('accepts a message from another program, and sanitizes it', () => {
    const decoded = decode({ ...plain, message: '  he\u0000llo ', priority: 9 });
    expect(decoded.kind).to.equal('message');
    expect(decoded.message).to.include({ ...plain, sentAt: 1_700_000_000_000 });
    expect(decoded.content).to.equal(identities.contentOf(plain));
  });
});

describe('The id of a record', () => {
  it('is the header, whatever the value says', () => {
    expect(decode({ ...plain, id: OTHER_ID }, { 'postrider.message-id': ID }).message.id).to.equal(ID);
  });

  it('is a hash of the header if its format differs', () => {
    const { id } = decode({ ...plain, id: OTHER_ID }, { 'postrider.message-id': 'order-7' }).message;
    expect(id).to.equal(identities.ofForeignId('clientA', 'order-7'));
  });

  it('is the member if the header is missing or empty', () => {
    expect(decode({ ...plain, id: ID }).message.id).to.equal(ID);
    expect(decode({ ...plain, id: ID }, { 'postrider.message-id': '' }).message.id).to.equal(ID);
  });

  it("is a hash of the member and the sender if the member's format differs", () => {
    const { id } = decode({ ...plain, id: 'order-7' }).message;
    expect(id).to.equal(identities.ofForeignId('clientA', 'order-7'));
    expect(decode({ ...plain, from: 'clientC', id: 'order-7' }).message.id).to.not.equal(id);
  });

  it('is derived from the record if it has none', () => {
    const [first, again] = [decode({ ...plain, id: 7 }), decode({ ...plain, id: 7 })];
    expect(first.message.id)
      .to.match(/^[0-9a-f]{24}$/)
      .and.equal(again.message.id);
    const next = codec.decode(aRecord({ ...plain, id: 7 }, {}, { offset: 8 }));
    expect(next.message.id).to.not.equal(first.message.id);
  });

  it('exists even for an empty record', () => {
    const decoded = codec.decode(aRecord(plain, {}, { key: null, value: null }));
    expect(decoded.message.id).to.match(/^[0-9a-f]{24}$/);
  });
});

describe('The time of a record', () => {
  const at = (value: object, headers?: Record<string, string>): number =>
    decode({ ...plain, ...value }, headers).message.sentAt;

  it('is the header, in ISO 8601 or milliseconds', () => {
    const member = { sentAt: '2020-01-01T00:00:00Z' };
    expect(at(member, { 'postrider.sent-at': '2024-01-02T00:00:00+02:00' })).to.equal(
      Date.UTC(2024, 0, 1, 22),
    );
    expect(at(member, { 'postrider.sent-at': '1704067200000' })).to.equal(1_704_067_200_000);
  });

  it('is the member if there is no valid header', () => {
    const member = { sentAt: '2020-01-01T00:00:00Z' };
    expect(at(member, { 'postrider.sent-at': 'yesterday' })).to.equal(Date.UTC(2020, 0, 1));
    expect(at({ sentAt: 1_704_067_200_000 })).to.equal(1_704_067_200_000);
  });

  for (const sentAt of [
    undefined,
    null,
    '',
    'soon',
    -1,
    0.5,
    1e30,
    '2024-13-01T00:00:00Z',
    '2024-01-01T00:00',
    {},
  ]) {
    it(`is the record's timestamp if the member is ${JSON.stringify(sentAt) ?? 'missing'}`, () => {
      expect(at({ sentAt })).to.equal(1_700_000_000_000);
    });
  }

  it('is the epoch if the log has no timestamp either', () => {
    expect(codec.decode(aRecord(plain, {}, { timestamp: -1 })).message.sentAt).to.equal(0);
  });
});

describe('The replay count of a record', () => {
  it('is that of the header, or zero', () => {
    expect(decode(plain, { 'postrider.replays': '3' }).replays).to.equal(3);
    for (const junk of ['', '-1', '1.5', 'x', '99999999999999999999']) {
      expect(decode(plain, { 'postrider.replays': junk }).replays).to.equal(0);
    }
  });
});

describe('A record that is not a valid message', () => {
  const undecodable: [string, Buffer | null, string][] = [
    [
      'bytes that are not UTF-8',
      Buffer.from([0x7b, 0xff, 0x7d]),
      'The record has a value that is not UTF-8.',
    ],
    ['text that is not JSON', Buffer.from('{"from":'), 'The record has a value that is not JSON.'],
    ['nothing', Buffer.alloc(0), 'The record has a value that is not JSON.'],
    ['a JSON array', Buffer.from('[]'), 'The record has a value that is not a JSON object.'],
    ['a JSON null', Buffer.from('null'), 'The record has a value that is not a JSON object.'],
    ['an object in a string', Buffer.from('"{}"'), 'The record has a value that is not a JSON object.'],
    ['a tombstone', null, 'The record has no value.'],
  ];
  for (const [what, value, reason] of undecodable) {
    it(`is undecodable if it is ${what}, and shows its bytes`, () => {
      const decoded = codec.decode(aRecord(plain, {}, { value }));
      expect(decoded).to.deep.include({ kind: 'invalid', code: 'undecodable', reason, encoding: 'base64' });
      expect(decoded.message).to.include({ from: '', to: '', message: value?.toString('base64') ?? '' });
      expect(decoded.content).to.equal(identities.contentOfBytes(value?.toString('base64') ?? null));
    });
  }

  it('lists the rules that it breaks, and keeps the texts unchanged', () => {
    const decoded = decode({ from: 'clientA', to: 'client B', message: ' \u0000 ' });
    expect(decoded).to.deep.include({ kind: 'invalid', code: 'invalid-message' });
    expect(decoded).to.have.property(
      'reason',
      'Message validation failed: to: Path `to` contains characters that are not allowed., message: Path `message` is required.',
    );
    expect(decoded.message).to.include({ from: 'clientA', to: 'client B', message: ' \u0000 ' });
    expect(decoded).to.not.have.property('encoding');
  });

  it('has an empty text if it has none, and the content id of its bytes', () => {
    const value = Buffer.from(JSON.stringify({ from: 'clientA', to: ['clientB'] }));
    const decoded = decode(value);
    expect(decoded.message).to.include({ from: 'clientA', to: '', message: '' });
    expect(decoded.content).to.equal(identities.contentOfBytes(value.toString('base64')));
  });

  it('is too long if its text exceeds the given limit', () => {
    const tooLong = decode({ ...plain, message: 'x'.repeat(101) });
    expect(tooLong).to.include({ kind: 'invalid' }).and.to.have.property('reason').that.includes('(100)');
    expect(tooLong.content).to.equal(identities.contentOf({ ...plain, message: 'x'.repeat(101) }));
  });

  it('truncates a name that is too long for store indexes, but not to a valid one', () => {
    const { to, from } = decode({ ...plain, from: 'a'.repeat(5_000), to: 'b'.repeat(5_000) }).message;
    expect([from.length, to.length]).to.deep.equal([256, 256]);
  });
});
