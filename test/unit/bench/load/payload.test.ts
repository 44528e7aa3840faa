import { expect } from 'chai';
import { messageJson, NUMBERS_IN_JSON, numberOf, requestOf, textOf } from '../../../../bench/load/payload.js';
import { MESSAGE_BYTES } from '../../../../bench/sizes.js';
import { checkMessage } from '../../../../src/domain/message-rules.js';

const [, singleBody = ''] = requestOf(7, 1, 100).split('\r\n\r\n');

describe('A benchmark message', () => {
  it('has the size that the benchmark states, whatever its number', () => {
    for (const number of [0, 9, 123_456_789])
      expect(Buffer.byteLength(textOf(number))).to.equal(MESSAGE_BYTES);
  });

  it('is identified by its number', () => {
    expect(numberOf(textOf(4_711))).to.equal(4_711);
    const [found] = messageJson(4_711, 10).matchAll(NUMBERS_IN_JSON);
    expect(Number(found?.[1])).to.equal(4_711);
  });

  it('is stored unchanged by the message rules', () => {
    const message = JSON.parse(singleBody) as Record<string, string>;
    expect(checkMessage(message, 10_000)).to.deep.equal(message);
  });

  it('is sent alone or with others, in a request with a Content-Length', () => {
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
