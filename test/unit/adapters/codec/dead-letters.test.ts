import { expect } from 'chai';
import fc from 'fast-check';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import type { LogRecord, NewRecord } from '../../../../src/application/ports/record-log.js';
import type { DeadLetter } from '../../../../src/domain/failures/failed-message.js';
import { aLetter, anId, identities } from '../../../support/builders.js';

const codec = new JsonRecordCodec(identities, 10_000);

function asRead(record: NewRecord, given: Partial<LogRecord> = {}): LogRecord {
  return {
    topic: 'client-messages-dlq',
    partition: 1,
    offset: 9,
    timestamp: 1_700_000_100_000,
    ...record,
    ...given,
  };
}

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const count = fc.nat();
const time = fc.integer({ min: 0, max: Date.UTC(9999, 0) });
const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array));
// `binary` is any sequence of UTF-16 units, lone surrogates included.
const text = fc.string({ unit: 'binary', maxLength: 200 });
const json = fc
  .record({ from: text, to: text, message: text, id: hex(24) }, { requiredKeys: [] })
  .map((value) => Buffer.from(JSON.stringify(value)));

const letters: fc.Arbitrary<DeadLetter> = fc.record(
  {
    id: hex(24),
    from: text,
    to: text,
    message: text,
    sentAt: time,
    content: hex(64),
    encoding: fc.constant('base64' as const),
    key: fc.option(bytes),
    value: fc.oneof(bytes, json, fc.constant(null)),
    truncated: fc.boolean(),
    reason: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
    code: fc.constantFrom('undecodable', 'invalid-message', 'delivery-failed', 'too-large'),
    disposition: fc.constantFrom('refused' as const, 'rejected' as const, 'exhausted' as const),
    attempts: count,
    failedAt: time,
    origin: fc.record({
      topic: fc.constant('client-messages'),
      partition: count,
      offset: count,
      group: fc.constant('g'),
    }),
    replays: count,
    conflictsWith: hex(24),
    altered: fc.subarray(['from', 'to', 'message'] as const),
  },
  {
    requiredKeys: [
      ...([
        'id',
        'from',
        'to',
        'message',
        'sentAt',
        'content',
        'key',
        'value',
        'truncated',
        'reason',
      ] as const),
      ...(['code', 'disposition', 'attempts', 'failedAt', 'replays'] as const),
    ],
  },
);

describe('A dead letter on the wire', () => {
  it('is read as it was written, whatever its content', () => {
    fc.assert(
      fc.property(letters, (letter) => {
        expect(codec.decodeDeadLetter(asRead(codec.encodeDeadLetter(letter)))).to.deep.equal(letter);
      }),
    );
  });

  it('has each of its headers read once', () => {
    const reads: string[] = [];
    const written = codec.encodeDeadLetter(aLetter({ message: 'not in the value', truncated: true }));
    const headers = new Proxy(written.headers, {
      get: (target, name: string) => {
        reads.push(name);
        return target[name];
      },
    });
    codec.decodeDeadLetter(asRead({ ...written, headers }));
    expect(reads)
      .to.include.members(Object.keys(written.headers))
      .and.deep.equal([...new Set(reads)]);
  });

  it('contains the bytes of the record, and describes the failure in its headers', () => {
    const letter = aLetter({ id: anId(), conflictsWith: 'a'.repeat(24), replays: 2 });
    const { key, value, headers } = codec.encodeDeadLetter(letter);
    expect([key, value]).to.deep.equal([letter.key, letter.value]);
    expect(headers).to.deep.equal({
      '__dlq.errors.topic': 'client-messages',
      '__dlq.errors.partition': '3',
      '__dlq.errors.offset': '41',
      '__dlq.errors.group': 'postrider-receiver',
      '__dlq.errors.delivery.count': '4',
      '__dlq.errors.message': 'it would not be written',
      'postrider.disposition': 'exhausted',
      'postrider.code': 'delivery-failed',
      'postrider.failed-at': '2023-11-14T22:13:27.000Z',
      'postrider.sent-at': '2023-11-14T22:13:20.000Z',
      'postrider.message-id': letter.id,
      'postrider.replays': '2',
      'postrider.content': letter.content,
      'postrider.conflicts-with': 'a'.repeat(24),
    });
  });

  it('names the altered members, and says so if there is none', () => {
    const header = (altered?: DeadLetter['altered']): string | undefined =>
      codec.encodeDeadLetter(aLetter({ ...(altered && { altered }) })).headers['postrider.altered'];
    expect(header(['to', 'message'])).to.equal('to,message');
    expect(header([])).to.equal('');
    expect(header()).to.equal(undefined);
  });

  it('says that its value was truncated, and keeps the rest of its description', () => {
    const letter = aLetter({ message: 'x'.repeat(10_000), truncated: true });
    const cut = { ...letter, value: Buffer.from(letter.value ?? []).subarray(0, 100) };
    const record = codec.encodeDeadLetter(cut);
    expect(record.headers).to.include({ 'postrider.truncated': 'true' });
    expect(codec.decodeDeadLetter(asRead(record))).to.deep.equal(cut);
  });

  it("limits the length of names from another program's headers, because stores index them", () => {
    const name = 'n'.repeat(5_000);
    const texts = JSON.stringify({ from: name, to: name, message: 'hello' });
    const headers = {
      ...codec.encodeDeadLetter(aLetter()).headers,
      'postrider.texts': texts,
      '__dlq.errors.topic': name,
      '__dlq.errors.group': name,
    };
    const { from, to, origin } = codec.decodeDeadLetter(asRead({ key: null, value: null, headers }));
    for (const read of [from, to, origin?.topic, origin?.group]) expect(read).to.equal('n'.repeat(256));
  });

  it('has headers of limited size, however long the reason is', () => {
    const given = {
      reason: `x${'\ud83d\ude00'.repeat(3_000)}`,
      message: '\u0001'.repeat(500_000),
      truncated: true,
    };
    const { headers } = codec.encodeDeadLetter(aLetter({ ...given, value: Buffer.from('cut') }));
    const reason = headers['__dlq.errors.message'] ?? '';
    expect(reason).to.have.lengthOf(999);
    expect(Object.values(headers).join('').length).to.be.below(110_000);
    expect(codec.decodeDeadLetter(asRead({ key: null, value: null, headers })).message).to.have.lengthOf(
      16_384,
    );
  });
});

describe('A dead letter from another program', () => {
  const value = Buffer.from(JSON.stringify({ from: 'clientA', to: 'clientB', message: 'hello' }));

  it('contains what can be decoded, and claims nothing else', () => {
    const letter = codec.decodeDeadLetter(asRead({ key: null, value, headers: {} }));
    const { id, content, ...rest } = letter;
    expect(id).to.match(/^[0-9a-f]{24}$/);
    expect(content).to.equal(identities.contentOf({ from: 'clientA', to: 'clientB', message: 'hello' }));
    expect(rest).to.deep.equal({
      ...{ from: 'clientA', to: 'clientB', message: 'hello', key: null, value, truncated: false },
      ...{ sentAt: 1_700_000_100_000, failedAt: 1_700_000_100_000, attempts: 0, replays: 0 },
      ...{ code: 'foreign-dead-letter', disposition: 'rejected' },
      reason: 'Another program put it on the dead-letter topic and gave no reason.',
    });
  });

  it("uses what Kafka's headers say", () => {
    const headers = {
      '__dlq.errors.topic': 'client-messages',
      '__dlq.errors.partition': '3',
      '__dlq.errors.offset': '41',
      '__dlq.errors.message': 'boom',
      '__dlq.errors.delivery.count': '5',
    };
    expect(codec.decodeDeadLetter(asRead({ key: null, value, headers }))).to.deep.include({
      origin: { topic: 'client-messages', partition: 3, offset: 41, group: '' },
      reason: 'boom',
      attempts: 5,
    });
  });

  it('is decoded whatever its bytes and headers are, with the same result each time', () => {
    const names = [
      ...Object.keys(codec.encodeDeadLetter(aLetter()).headers),
      'postrider.texts',
      'postrider.altered',
      'postrider.truncated',
    ];
    const junk = fc.oneof(text, fc.constantFrom('{}', '[]', '{"from":1}', '-1', '1e99', 'true'));
    const headers = fc.dictionary(fc.constantFrom(...names), junk);
    const records = fc.record({ key: fc.option(bytes), value: fc.oneof(bytes, json), headers });
    fc.assert(
      fc.property(records, (record) => {
        const letter = codec.decodeDeadLetter(asRead(record));
        expect(letter.id).to.match(/^[0-9a-f]{24}$/);
        expect(letter.content).to.match(/^[0-9a-f]{64}$/);
        expect(letter.code).to.match(/^[a-z][a-z0-9-]*$/);
        expect(letter).to.deep.equal(codec.decodeDeadLetter(asRead(record)));
      }),
    );
  });
});
