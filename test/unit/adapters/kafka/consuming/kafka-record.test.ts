import { expect } from 'chai';
import type { KafkaMessage } from 'kafkajs';
import { logRecord } from '../../../../../src/adapters/kafka/consuming/kafka-record.js';

describe('logRecord', () => {
  const message = (changes: object = {}): KafkaMessage => ({
    ...{ key: Buffer.from('b'), value: Buffer.from('v'), timestamp: '1700000000123', offset: '42' },
    ...{ attributes: 0, headers: {}, ...changes },
  });

  it('returns offset and time as numbers, and the unchanged bytes', () => {
    const read = message();
    const record = logRecord('mail', 3, read);
    expect(record).to.deep.include({ topic: 'mail', partition: 3, offset: 42, timestamp: 1_700_000_000_123 });
    expect(record.key).to.equal(read.key);
    expect(record.value).to.equal(read.value);
  });

  it('decodes headers as text, and uses the first one if a name is repeated', () => {
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

  it('accepts a record without key and value', () => {
    expect(logRecord('mail', 0, message({ key: null, value: null }))).to.include({ key: null, value: null });
  });
});
