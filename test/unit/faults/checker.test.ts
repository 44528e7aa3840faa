import { expect } from 'chai';
import { check, summarize, type History } from '../../faults/checker.js';

const history = (stored: readonly string[], failed: readonly string[] = []): History => ({
  acknowledged: new Map([['b', ['one', 'two', 'three']]]),
  stored: new Map([['b', stored]]),
  failed,
});

describe('The checker of fault runs', () => {
  it('reports nothing if each acknowledged message is stored once, in order, or failed', () => {
    const findings = check(history(['one', 'unanswered', 'three'], ['two']));
    expect(findings).to.deep.include({ lost: [], doubled: [], swapped: [] });
    expect(summarize(findings)).to.equal('3 acknowledged, 3 stored, 1 failed: 0 lost, 0 doubled, 0 swapped');
  });

  it('finds a lost message', () => {
    expect(check(history(['one', 'three'])).lost).to.deep.equal(['two']);
  });

  it('finds a duplicate in an inbox', () => {
    expect(check(history(['one', 'two', 'two', 'three'])).doubled).to.deep.equal(['two']);
  });

  it('finds a message that is both stored and failed', () => {
    expect(check(history(['one', 'two', 'three'], ['two'])).doubled).to.deep.equal(['two']);
  });

  it('finds messages out of order', () => {
    expect(check(history(['two', 'one', 'three'])).swapped).to.deep.equal(['two']);
  });
});
