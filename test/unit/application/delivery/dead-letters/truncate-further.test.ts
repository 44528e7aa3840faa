import { expect } from 'chai';
import fc from 'fast-check';
import { truncateFurther } from '../../../../../src/application/delivery/dead-letters/truncate-further.js';
import type { DeadLetter } from '../../../../../src/domain/failures/failed-message.js';
import { replaceLoneSurrogates } from '../../../../../src/domain/message-rules.js';
import { aLetter } from '../../../../support/builders.js';

const KIB = 1024;

describe('truncateFurther', () => {
  it('truncates the value to 64, 16, 4, 1 and 0 KiB, and then has nothing left to truncate', () => {
    const letter = aLetter({ message: '', value: Buffer.alloc(100 * KIB) });
    const sizes = steps(letter).map(({ value }) => value?.length);
    expect(sizes).to.deep.equal([64 * KIB, 16 * KIB, 4 * KIB, KIB, 0]);
  });

  it('truncates the readable text along with the value', () => {
    const text = 'x'.repeat(100 * KIB);
    const sizes = steps(aLetter({ message: text, value: Buffer.from(text) })).map(
      ({ message }) => message.length,
    );
    expect(sizes).to.deep.equal([16 * KIB, 4 * KIB, KIB, KIB / 4, 0]);
  });

  it('truncates the key, but never to less than the longest name of a recipient', () => {
    const letter = aLetter({ message: '', value: null, key: Buffer.alloc(100 * KIB) });
    const cut = steps(letter);
    expect(cut.map(({ key }) => key?.length)).to.deep.equal([64 * KIB, 16 * KIB, 4 * KIB, KIB, 512]);
    expect(cut.map(({ truncated }) => truncated)).to.not.include(true);
  });

  it('begins with the limit that the dead letter exceeds', () => {
    expect(truncateFurther(aLetter({ value: Buffer.alloc(2 * KIB) }))?.value).to.have.lengthOf(KIB);
  });

  it('marks a dead letter whose value or text it truncated', () => {
    expect(truncateFurther(aLetter({ message: '', value: Buffer.from('x') }))?.truncated).to.equal(true);
    expect(truncateFurther(aLetter({ message: 'x', value: null }))?.truncated).to.equal(true);
  });

  it('returns undefined for a dead letter of which only a short key is left', () => {
    expect(truncateFurther(aLetter({ message: '', value: null }))).to.equal(undefined);
  });

  it('always ends, keeps the beginnings, and never splits a character', () => {
    const bytes = fc.option(fc.nat(200 * KIB).map((size) => Buffer.alloc(size, 'b')));
    const text = fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat(50_000));
    const parts = fc.record({ key: bytes, value: bytes, text });
    fc.assert(
      fc.property(parts, ({ key, value, text: [unit, times] }) => {
        const message = unit.repeat(Math.min(times, (200 * KIB) / Math.max(1, unit.length)));
        const letter = aLetter({ key, value, message });
        const cut = steps(letter);
        expect(cut.length).to.be.at.most(5);
        for (const step of cut) {
          expect(message.startsWith(step.message)).to.equal(true);
          expect(replaceLoneSurrogates(step.message)).to.equal(step.message);
          expect(value?.subarray(0, step.value?.length) ?? null).to.deep.equal(step.value);
        }
      }),
      { numRuns: 50 },
    );
  });
});

function steps(letter: DeadLetter): DeadLetter[] {
  const next = truncateFurther(letter);
  return next === undefined ? [] : [next, ...steps(next)];
}
