import { expect } from 'chai';
import { HttpProblem } from '../../../../../src/adapters/http/server/problem.js';
import {
  parseIdempotencyKey,
  parseTraceparent,
} from '../../../../../src/adapters/http/sending/send-headers.js';

describe('The Idempotency-Key header', () => {
  const good: readonly (readonly [string, string])[] = [
    ['order-7', 'order-7'],
    ['"order-7"', 'order-7'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a"b', 'a"b'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ];
  for (const [header, key] of good) {
    it(`may be ${header.slice(0, 20)}`, () => {
      expect(parseIdempotencyKey(header)).to.equal(key);
    });
  }

  it('may be missing', () => {
    expect(parseIdempotencyKey(undefined)).to.equal(undefined);
  });

  const bad = [
    '',
    '""',
    '"',
    '"a',
    '"a"b',
    '"a\\b"',
    'a b',
    '"a b"',
    'a, b',
    'ä',
    'a\u0007',
    'x'.repeat(256),
  ];
  for (const header of bad) {
    it(`may not be ${JSON.stringify(header.slice(0, 20))}`, () => {
      expect(() => parseIdempotencyKey(header))
        .to.throw(HttpProblem)
        .with.nested.include({ 'problem.status': 400, 'problem.code': 'malformed-idempotency-key' });
    });
  }
});

describe('The traceparent header', () => {
  const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

  it('is passed on if it is valid', () => {
    expect(parseTraceparent(`00-${trace}-${parent}-01`)).to.equal(`00-${trace}-${parent}-01`);
  });

  const bad = ['', 'x', `01-${trace}-${parent}-01`, `00-${trace.toUpperCase()}-${parent}-01`];
  for (const header of [...bad, `00-${'0'.repeat(32)}-${parent}-01`, `00-${trace}-${'0'.repeat(16)}-01`]) {
    it(`is dropped if it is ${JSON.stringify(header)}`, () => {
      expect(parseTraceparent(header)).to.equal(undefined);
    });
  }
});
