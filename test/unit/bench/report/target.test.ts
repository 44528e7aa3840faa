import { expect } from 'chai';
import { atMost, isMet } from '../../../../bench/report/target.js';

describe('A benchmark target', () => {
  it('is met at its lower limit and above', () => {
    expect([0.84, 0.85, 0.86].map((ratio) => isMet('>= 0.85', ratio))).to.deep.equal([false, true, true]);
  });

  it('is met at its upper limit and below', () => {
    expect([1.19, 1.2, 1.21].map((ratio) => isMet('<= 1.2', ratio))).to.deep.equal([true, true, false]);
  });

  it('is stored so that it can be evaluated again', () => {
    expect(atMost(46.02)).to.equal('<= 46');
    expect(isMet(atMost(0), 1)).to.equal(false);
  });

  it('throws if it is malformed', () => {
    expect(() => isMet('about 3', 3)).to.throw('"about 3" is not a target');
  });
});
