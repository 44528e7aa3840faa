import { expect } from 'chai';
import { outageDelay } from '../../../src/domain/outage-delay.js';

describe('the delay in an outage', () => {
  it('grows to at most 5 seconds', () => {
    expect([1, 2, 3, 5, 6, 50, 5_000].map((retry) => outageDelay(retry, 1))).to.deep.equal([
      250, 500, 1_000, 4_000, 5_000, 5_000, 5_000,
    ]);
  });

  it('is spread over its upper half', () => {
    expect([0, 0.5].map((random) => outageDelay(1, random))).to.deep.equal([125, 187.5]);
  });
});
