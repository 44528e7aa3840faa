import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { TimeOrderedIds } from '../../../../src/adapters/system/time-ordered-ids.js';
import { idSourceContract } from '../../../contract/system/id-source.contract.js';

idSourceContract('TimeOrderedIds', () => new TimeOrderedIds(randomBytes));

describe('TimeOrderedIds', () => {
  const bytes = (...values: number[]): (() => Uint8Array) => {
    return () => Uint8Array.from(values);
  };

  it('makes ids of the time, the process, and a counter with a random start', () => {
    const ids = new TimeOrderedIds(bytes(0xab, 0xcd, 0xef, 0, 0, 0x0f));
    expect(ids.next(0x18bcfe56800)).to.equal('018bcfe56800abcdef000010');
    expect(ids.next(0x18bcfe56800)).to.equal('018bcfe56800abcdef000011');
    expect(ids.next(0x18bcfe56801)).to.equal('018bcfe56801abcdef000012');
  });

  it('borrows from the next millisecond when the counter overflows', () => {
    const ids = new TimeOrderedIds(bytes(0, 0, 1, 0xff, 0xff, 0xfd));
    const made = [ids.next(5), ids.next(5), ids.next(5), ids.next(5), ids.next(6), ids.next(7)];
    expect(made).to.deep.equal([...made].sort());
    expect(made[2]).to.equal('000000000006000001000000');
  });
});
