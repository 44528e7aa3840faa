import { expect } from 'chai';
import { messageJson, NUMBERS_IN_JSON, numberOf, requestOf, textOf } from '../../../bench/load/payload.js';
import { MESSAGE_BYTES } from '../../../bench/sizes.js';
import { checkMessage } from '../../../src/domain/message-rules.js';

const [, singleBody = ''] = requestOf(7, 1, 100).split('\r\n\r\n');

describe('A message of the benchmark', () => {
  it('has the size that the benchmark speaks of, whatever its number', () => {
    for (const number of [0, 9, 123_456_789])
      expect(Buffer.byteLength(textOf(number))).to.equal(MESSAGE_BYTES);
  });

  it('is known by its number', () => {
    expect(numberOf(textOf(4_711))).to.equal(4_711);
    const [found] = messageJson(4_711, 10).matchAll(NUMBERS_IN_JSON);
    expect(Number(found?.[1])).to.equal(4_711);
  });

  it('is stored as it was sent: the message rules change nothing about it', () => {
    const message = JSON.parse(singleBody) as Record<string, string>;
    expect(checkMessage(message, 10_000)).to.deep.equal(message);
  });

  it('goes alone or with others, in a request that tells its length', () => {
    for (const [batch, path] of [
      [1, '/send-message'],
      [3, '/send-messages'],
    ] as const) {
      const [head = '', body = ''] = requestOf(7, batch, 100).split('\r\n\r\n');
      expect(head).to.match(new RegExp(`^POST ${path} HTTP/1.1\r\n`));
      expect(head).to.include(`content-length: ${body.length}`);
      expect([...body.matchAll(NUMBERS_IN_JSON)].map(([, number]) => Number(number))).to.deep.equal(
        Array.from({ length: batch }, (_, at) => 7 + at),
      );
    }
  });
});
