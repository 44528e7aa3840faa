import { expect } from 'chai';
import fc from 'fast-check';
import {
  checkMessage,
  InvalidMessage,
  isClientName,
  sanitizeText,
} from '../../../src/domain/message-rules.js';
import type { RawMessage } from '../../../src/domain/message-rules.js';

const valid = { from: 'clientA', to: 'clientB', message: 'hello' };
const text = fc.string({ unit: 'binary', maxLength: 50 });
const clientName = fc
  .stringMatching(/^[A-Za-z0-9._:@-]{1,128}$/)
  .filter((name) => name !== '.' && name !== '..');

function reasonFor(raw: RawMessage, maxLength = 10_000): string {
  try {
    checkMessage(raw, maxLength);
  } catch (error) {
    if (error instanceof InvalidMessage) return error.reason;
    throw error;
  }
  return 'valid';
}

describe('sanitizing', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['leaves plain text unchanged', 'hello world', 'hello world'],
    ['keeps tabs and newlines inside', 'a\tb\nc', 'a\tb\nc'],
    ['removes control characters', 'a\u0000b\u001fc\u007fd\u0085e\u009ff\rg', 'abcdefg'],
    ['composes characters', 'e\u0301', '\u00e9'],
    ['trims surrounding white space', ' \t\n\u00a0\u2028hello\ufeff ', 'hello'],
    ['trims white space behind control characters', '\u0000 \u0001hello', 'hello'],
    ['keeps what is not a control character', '<b>👋&amp;</b>', '<b>👋&amp;</b>'],
    ['reduces white space to nothing', ' \n\t ', ''],
  ];
  for (const [name, input, output] of cases) {
    it(name, () => {
      expect(sanitizeText(input)).to.equal(output);
    });
  }

  it('changes nothing when repeated', () => {
    fc.assert(fc.property(text, (input) => sanitizeText(sanitizeText(input)) === sanitizeText(input)));
  });

  it('has the same result for plain text as its three steps', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab ~!\t\n\r\u0000') }), (input) => {
        const isControl = /[^\P{Cc}\t\n]/gu;
        const steps = input.replace(isControl, '').normalize('NFC').trim();
        expect(sanitizeText(input)).to.equal(steps);
      }),
    );
  });
});

describe('client names', () => {
  it('are 1 to 128 characters of a small set', () => {
    fc.assert(fc.property(clientName, isClientName));
    for (const name of ['', 'a b', 'ä', 'a/b', 'a\n', '*', 'x'.repeat(129)])
      expect(isClientName(name)).to.equal(false);
  });

  it('are never path segments with a special meaning', () => {
    expect(['.', '..', '...', 'a.b'].map(isClientName)).to.deep.equal([false, false, true, true]);
  });
});

describe('the rules of a message', () => {
  it('accept a valid message, sanitized', () => {
    expect(checkMessage({ ...valid, message: ' hi\u0000 ' }, 10)).to.deep.equal({ ...valid, message: 'hi' });
  });

  it('accept every valid message', () => {
    const content = fc.record({
      from: clientName,
      to: clientName,
      message: fc.string({ unit: 'grapheme', minLength: 1 }),
    });
    fc.assert(
      fc.property(content, (raw) => {
        fc.pre(sanitizeText(raw.message) !== '');
        expect(checkMessage(raw, 10_000)).to.deep.equal({ ...raw, message: sanitizeText(raw.message) });
      }),
    );
  });

  const reasons: readonly (readonly [string, RawMessage, string])[] = [
    ['a missing message', { from: 'a', to: 'b' }, 'message: Path `message` is required.'],
    ['an empty message', { ...valid, message: '' }, 'message: Path `message` is required.'],
    ['a null message', { ...valid, message: null }, 'message: Path `message` is required.'],
    ['a message of white space', { ...valid, message: ' \n ' }, 'message: Path `message` is required.'],
    ['a message that is not a string', { ...valid, message: 5 }, 'message: Path `message` must be a string.'],
    ['a message that is an object', { ...valid, message: {} }, 'message: Path `message` must be a string.'],
    ['false', { ...valid, message: false }, 'message: Path `message` must be a string.'],
    [
      'a text that is too long',
      { ...valid, message: 'x'.repeat(10_001) },
      'message: Path `message` is longer than the maximum allowed length (10000).',
    ],
    [
      'a lone surrogate',
      { ...valid, message: 'a\ud800b' },
      'message: Path `message` contains characters that are not allowed.',
    ],
    ['a missing sender', { to: 'b', message: 'm' }, 'from: Path `from` is required.'],
    ['an empty recipient', { ...valid, to: '' }, 'to: Path `to` is required.'],
    ['a recipient that is not a string', { ...valid, to: ['b'] }, 'to: Path `to` must be a string.'],
    [
      'a sender with other characters',
      { ...valid, from: 'a b' },
      'from: Path `from` contains characters that are not allowed.',
    ],
    [
      'a recipient that is too long',
      { ...valid, to: 'x'.repeat(129) },
      'to: Path `to` is longer than the maximum allowed length (128).',
    ],
    [
      'all fields at once, in the order from, to, message',
      { message: '' },
      'from: Path `from` is required., to: Path `to` is required., message: Path `message` is required.',
    ],
  ];
  for (const [name, raw, reason] of reasons) {
    it(`word the reason for ${name}`, () => {
      expect(reasonFor(raw)).to.equal(`Message validation failed: ${reason}`);
    });
  }

  it('count code points, after sanitizing', () => {
    expect(reasonFor({ ...valid, message: '👋'.repeat(10) }, 10)).to.equal('valid');
    expect(reasonFor({ ...valid, message: '👋'.repeat(11) }, 10)).to.contain('(10)');
    expect(reasonFor({ ...valid, message: `${'👋'.repeat(10)}x` }, 10)).to.contain('(10)');
    expect(reasonFor({ ...valid, message: `  ${'x'.repeat(10)}  \u0000` }, 10)).to.equal('valid');
  });

  it('name the field of each violation', () => {
    try {
      checkMessage({ from: 'a' }, 10);
      expect.fail('no violation was reported');
    } catch (error) {
      expect(error).to.be.instanceOf(InvalidMessage).with.property('code', 'invalid-message');
      expect((error as InvalidMessage).violations.map(({ field }) => field)).to.deep.equal(['to', 'message']);
    }
  });
});
