import { expect } from 'chai';
import type { KafkaMessage } from 'kafkajs';
import { logRecord } from '../../../../../src/adapters/kafka/consuming/kafka-record.js';

describe('logRecord', () => {
  const message = (changes: object = {}): KafkaMessage => ({
    ...{ key: Buffer.from('b'), value: Buffer.from('v'), timestamp: '1700000000123', offset: '42' },
    ...{ attributes: 0, headers: {}, ...changes },
  });

  it('gives position and time as numbers, and the bytes themselves', () => {
    const read = message();
    const record = logRecord('mail', 3, read);
    expect(record).to.deep.include({ topic: 'mail', partition: 3, offset: 42, timestamp: 1_700_000_000_123 });
    expect(record.key).to.equal(read.key);
    expect(record.value).to.equal(read.value);
  });

  it('makes text of headers, the first one where a name is repeated', () => {
    const headers = {
      one: Buffer.from('eins'),
      many: [Buffer.from('first'), Buffer.from('second')],
      text: 'text',
      none: undefined,
      ['__proto__']: Buffer.from('own'),
    };
    const read = logRecord('mail', 0, message({ headers }));
    expect(Object.entries(read.headers)).to.deep.equal([
      ['one', 'eins'],
      ['many', 'first'],
      ['text', 'text'],
      ['__proto__', 'own'],
    ]);
    expect(logRecord('mail', 0, message({ headers: undefined })).headers).to.deep.equal({});
  });

  it('keeps what has no key and no value', () => {
    expect(logRecord('mail', 0, message({ key: null, value: null }))).to.include({ key: null, value: null });
  });
});
