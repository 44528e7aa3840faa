import { expect } from 'chai';
import fc from 'fast-check';
import { readUpTo, rowsAfter, unreadIn } from '../../../../src/domain/inbox/inbox.js';
import type { StoredMessage } from '../../../../src/domain/message.js';
import { aMessage } from '../../../support/builders.js';

const row = (number: number): StoredMessage => ({ ...aMessage(), number, storedAt: 0, content: '' });
const after = (cursor: number, numbers: readonly number[], first = 1) => {
  const { messages, ...rest } = rowsAfter(cursor, numbers.map(row), first);
  return { numbers: messages.map(({ number }) => number), ...rest };
};

describe('A reader of an inbox', () => {
  it('gets the rows after its cursor', () => {
    expect(after(2, [3, 4])).to.deep.equal({ numbers: [3, 4], next: 4, expired: false, isPremature: false });
    expect(after(2, [])).to.deep.equal({ numbers: [], next: 2, expired: false, isPremature: false });
  });

  it('stops before a number that is visible before the one below it', () => {
    expect(after(2, [3, 5, 6])).to.deep.include({ numbers: [3], next: 3, isPremature: false });
    expect(after(2, [4, 5])).to.deep.include({ numbers: [], next: 2, isPremature: true });
  });

  it('continues with the oldest row that is kept, and reports a gap', () => {
    expect(after(2, [6, 7], 6)).to.deep.equal({
      numbers: [6, 7],
      next: 7,
      expired: true,
      isPremature: false,
    });
    expect(after(2, [], 6)).to.deep.equal({ numbers: [], next: 5, expired: true, isPremature: false });
  });

  it('reports no gap if it read the rows before they were swept', () => {
    expect(after(2, [3, 4], 4)).to.deep.include({ numbers: [3, 4], expired: false });
    expect(after(2, [3, 9], 9)).to.deep.include({ numbers: [3], next: 3, expired: false });
    expect(after(2, [5, 6], 9)).to.deep.include({ numbers: [5, 6], expired: true });
  });

  it('never passes a number that can still appear', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(numbers, fc.nat(12), fc.integer({ min: 1, max: 12 }), (visible, cursor, first) => {
        const seen = visible.filter((number) => number > cursor).sort((a, b) => a - b);
        const { numbers: given, next, isPremature } = after(cursor, seen, first);
        expect(next).to.be.at.least(cursor);
        const passed = Array.from({ length: next - cursor }, (_, n) => cursor + 1 + n);
        // Every row that the reader has passed was returned or swept.
        for (const number of passed)
          expect(given.includes(number) || number < first || number < given[0]!).to.equal(true);
        expect(given).to.deep.equal([...given].sort((a, b) => a - b));
        if (given.length > 0) expect(given.at(-1)! - given[0]! + 1).to.equal(given.length);
        if (isPremature) expect(given).to.deep.equal([]);
      }),
    );
  });
});

describe('Unread messages', () => {
  it('are the kept ones after the read position', () => {
    expect(unreadIn({ first: 1, last: 0, read: 0 })).to.equal(0);
    expect(unreadIn({ first: 1, last: 5, read: 2 })).to.equal(3);
    expect(unreadIn({ first: 4, last: 5, read: 2 })).to.equal(2);
    expect(unreadIn({ first: 6, last: 5, read: 2 })).to.equal(0);
  });

  it('are all messages if the read position is beyond the end, because it was set in an inbox that no longer exists', () => {
    expect(readUpTo({ last: 5, read: 5 })).to.equal(5);
    expect(readUpTo({ last: 5, read: 6 })).to.equal(0);
    expect(unreadIn({ first: 4, last: 5, read: 6 })).to.equal(2);
  });
});
