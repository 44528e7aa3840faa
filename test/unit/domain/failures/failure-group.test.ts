import { expect } from 'chai';
import fc from 'fast-check';
import { groupOf, normaliseReason } from '../../../../src/domain/failures/failure-group.js';
import { aLetter, identities } from '../../../support/builders.js';

describe('The group of a failure', () => {
  const same: readonly (readonly [string, string, string])[] = [
    ['numbers', 'timed out after 5000 ms', 'timed out after 17 ms'],
    ['ids', 'no document 65f1c0ffee0123456789abcd', 'no document 65f1c0ffee0123456789abce'],
    [
      'UUIDs',
      'job 8e03978e-40d5-43e8-bc93-6894a57f9324 failed',
      'job 11111111-2222-4333-8444-555555555555 failed',
    ],
    ['quoted names', 'no user "alice"', 'no user "bob"'],
    ['addresses', 'no mailbox alice@example.org', 'no mailbox bob@example.com'],
    ['its own names', 'no route to clientA', 'no route to clientA'],
    ['white space', 'it  failed\n twice', 'it failed twice'],
  ];
  for (const [what, a, b] of same) {
    it(`ignores ${what}`, () => {
      expect(normaliseReason(a, ['clientA'])).to.equal(normaliseReason(b, ['clientA']));
    });
  }

  it('ignores the names in its own message', () => {
    const groups = ['shop', 'till'].map((from) =>
      groupOf(aLetter({ from, to: 'stock', reason: `${from} may not write to stock` }), identities),
    );
    expect(groups[0]).to.deep.equal(groups[1]);
    expect(groups[0]?.reason).to.equal('<name> may not write to <name>');
  });

  it('keeps a name that is part of another word', () => {
    expect(normaliseReason('message is required', ['me', 'is'])).to.equal('message <name> required');
  });

  it('distinguishes codes and wordings', () => {
    const key = (code: string, reason: string): string => groupOf(aLetter({ code, reason }), identities).key;
    expect(new Set([key('a', 'x'), key('b', 'x'), key('a', 'y')])).to.have.property('size', 3);
    expect(key('a', 'x')).to.match(/^[0-9a-f]{24}$/);
  });

  it('keeps words that only look like hexadecimal numbers', () => {
    expect(normaliseReason('the facade was defaced', [])).to.equal('the facade was defaced');
  });

  const terms: readonly (readonly [string, string])[] = [
    ['a value that is not UTF-8.', 'a value that is not UTF-8.'],
    ['not utf8 at byte 17', 'not utf8 at byte <n>'],
    ['neither base64 nor SHA-256', 'neither base64 nor SHA-256'],
    ['E11000 duplicate key 5', 'E11000 duplicate key <n>'],
    ['no IPv4 address over HTTP/1.1', 'no IPv4 address over HTTP/1.1'],
    ['order UTF-85, UTF-8.5 and MYUTF-8', 'order UTF-<n>, UTF-<n> and MYUTF-<n>'],
    ['job-8 gave HTTP/503', 'job-<n> gave HTTP/<n>'],
  ];
  for (const [reason, shown] of terms) {
    it(`shows "${reason}" as "${shown}"`, () => {
      expect(groupOf(aLetter({ reason }), identities).reason).to.equal(shown);
    });
  }

  // Keys recorded by earlier versions. With another key, a known group would count as new and alert again.
  const recorded: readonly (readonly [string, string, string])[] = [
    ['undecodable', 'The record has a value that is not UTF-8.', 'ffc4ae9df14fe2dcff70ad26'],
    ['invalid-message', 'message must have at most 10000 code points', '8e72bbfa5dc2a0706cde8bf4'],
    ['store-failed', 'E11000 duplicate key 65f1c0ffee0123456789abcd for "alice"', '1abcba83e3c7da9dc8e77132'],
    [
      'foreign-dead-letter',
      'job 8e03978e-40d5-43e8-bc93-6894a57f9324 of bob@example.org took 1,234.5 ms',
      '8a16017f005bcc08ef5933b0',
    ],
    ['foreign-dead-letter', `no route to stock ${'x'.repeat(290)} UTF-8`, 'ce0f350aaabee4c761421df9'],
  ];
  for (const [code, reason, key] of recorded) {
    it(`keeps the recorded key of "${reason.slice(0, 50)}"`, () => {
      expect(groupOf(aLetter({ code, reason, from: 'shop', to: 'stock' }), identities).key).to.equal(key);
    });
  }

  it('derives the key from the reason without any number', () => {
    const words = fc.constantFrom('UTF-8', 'utf16', 'E11000', 'SHA-256', 'order', '17', '"bob"', ' ', '-');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const letter = aLetter({ reason: parts.join('') });
        const { key, reason } = groupOf(letter, identities);
        const bare = normaliseReason(letter.reason, [letter.from, letter.to]);
        expect(key).to.equal(identities.ofGroup(letter.code, bare));
        expect(reason.replace(/\d+/g, '<n>')).to.equal(bare);
      }),
    );
  });

  it('has at most 300 characters, and is deterministic', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (reason, name) => {
        const normal = normaliseReason(reason, [name]);
        expect(normal.length).to.be.at.most(300);
        expect(normaliseReason(reason, [name])).to.equal(normal);
      }),
    );
  });
});
