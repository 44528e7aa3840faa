import { expect } from 'chai';
import fc from 'fast-check';
import {
  checkMessage,
  FIELDS,
  InvalidMessage,
  type RawMessage,
} from '../../../../src/domain/message-rules.js';
import { recordMembers, type RecordedMembers } from '../../../../src/domain/sending/recorded-members.js';

const MAX_LENGTH = 10;
const valid = { from: 'clientA', to: 'clientB', message: 'hello' };

function record(raw: RawMessage): RecordedMembers {
  try {
    checkMessage(raw, MAX_LENGTH);
  } catch (error) {
    if (error instanceof InvalidMessage) return recordMembers(raw, error, MAX_LENGTH);
  }
  throw new Error('the rules admit it');
}

describe('Recording the members of an invalid send', () => {
  const cases: readonly (readonly [string, RawMessage, Partial<RecordedMembers['members']>, string[]])[] = [
    ['truncates a long text', { message: '😀'.repeat(11) }, { message: '😀'.repeat(10) }, ['message']],
    ['truncates a long name', { to: 'b'.repeat(129) }, { to: 'b'.repeat(128) }, ['to']],
    ['converts a number to text', { from: 7 }, { from: '7' }, ['from']],
    ['converts an object to text', { message: { a: 1 } }, { message: '{"a":1}' }, ['message']],
    ['replaces lone surrogates', { message: 'a\ud83d' }, { message: 'a\ufffd' }, ['message']],
    ['alters two members', { from: [1], to: 'b\udc00' }, { from: '[1]', to: 'b\ufffd' }, ['from', 'to']],
    ['keeps an invalid name', { to: 'a b' }, { to: 'a b' }, []],
    ['keeps a blank text', { message: ' \u0000\n' }, { message: ' \u0000\n' }, []],
    ['records nothing for a missing member', { message: undefined }, { message: '' }, []],
    ['records nothing for null', { message: null }, { message: '' }, []],
  ];
  for (const [what, raw, members, altered] of cases) {
    it(what, () => {
      const expected = { members: { ...valid, ...members }, altered };
      expect(record({ ...valid, ...raw })).to.deep.equal(expected);
    });
  }

  it('sanitizes valid members before the limit can truncate them', () => {
    const message = `\u0000 ${'x'.repeat(MAX_LENGTH)}\n\n`;
    expect(record({ ...valid, to: 'a b', message })).to.deep.equal({
      members: { ...valid, to: 'a b', message: 'x'.repeat(MAX_LENGTH) },
      altered: [],
    });
  });

  it('records an unaltered member as it was sent, or as it would have been delivered', () => {
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 140 }), fc.jsonValue());
    const raws = fc.record({ from: value, to: value, message: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(raws, (raw) => {
        fc.pre(isInvalid(raw));
        const { members, altered } = record(raw);
        for (const field of FIELDS.filter((name) => !altered.includes(name))) {
          if (isInvalid({ ...valid, [field]: raw[field] })) {
            expect(members[field]).to.equal(raw[field] ?? '');
          } else {
            expect(members[field]).to.equal(
              checkMessage({ ...valid, [field]: raw[field] }, MAX_LENGTH)[field],
            );
          }
        }
      }),
    );
  });
});

function isInvalid(raw: RawMessage): boolean {
  try {
    checkMessage(raw, MAX_LENGTH);
    return false;
  } catch {
    return true;
  }
}
