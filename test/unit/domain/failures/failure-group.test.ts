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
