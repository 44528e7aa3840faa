import { expect } from 'chai';
import fc from 'fast-check';
import {
  cursorText,
  parseFailureQuery,
  parseMessageQuery,
} from '../../../../../src/adapters/http/inbox/list-query.js';
import type { ListCursor } from '../../../../../src/application/ports/archive.js';

const id = fc.stringMatching(/^[0-9a-f]{24}$/);
const place = { sentAt: fc.nat({ max: 253_402_300_799_999 }), id };
const withoutNumber: fc.Arbitrary<ListCursor> = fc.record(place);
const withNumber: fc.Arbitrary<ListCursor> = fc.record(
  { ...place, number: fc.maxSafeNat(), idsAbove: id },
  { requiredKeys: ['sentAt', 'id', 'number'] },
);

describe('The cursor of a list', () => {
  it('decodes to what was encoded, with a number or, from earlier versions, without one', () => {
    fc.assert(
      fc.property(fc.oneof(withNumber, withoutNumber), (cursor) => {
        expect(parseMessageQuery({ after: cursorText(cursor) }).after).to.deep.equal(cursor);
      }),
    );
    expect(parseMessageQuery({ after: `1769860800000-${'a'.repeat(24)}` }).after).to.deep.equal({
      sentAt: 1_769_860_800_000,
      id: 'a'.repeat(24),
    });
  });

  it('has no number in a list of failures', () => {
    fc.assert(
      fc.property(withoutNumber, withNumber, (plain, numbered) => {
        expect(parseFailureQuery({ after: cursorText(plain) }).after).to.deep.equal(plain);
        expect(() => parseFailureQuery({ after: cursorText(numbered) })).to.throw();
      }),
    );
  });

  for (const text of ['1', `1-2-${'a'.repeat(23)}`, `1--${'a'.repeat(24)}`, `-1-${'a'.repeat(24)}`]) {
    it(`is not ${text}`, () => {
      expect(() => parseMessageQuery({ after: text })).to.throw();
    });
  }
});
