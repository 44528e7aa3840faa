import { expect } from 'chai';
import fc from 'fast-check';
import { DeliveryPolicy } from '../../../../src/domain/delivery/delivery-policy.js';

const policy = new DeliveryPolicy({ max: 3, initialMs: 1_000, factor: 2, jitter: 0.2 });

describe('the delivery policy', () => {
  it('jitters each delay by 20 %, and returns the same delay for the same attempt', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const delay = policy.retryDelay(attempt, random);
          const middle = 1_000 * 2 ** (attempt - 1);
          expect(delay).to.be.within(0.8 * middle, 1.2 * middle);
          expect(policy.retryDelay(attempt, random)).to.equal(delay);
        },
      ),
    );
    expect([0, 1].map((random) => policy.retryDelay(1, random))).to.deep.equal([800, 1_200]);
  });

  it('treats nothing as expired if nothing is swept', () => {
    expect(policy.isExpired(0, 1e15)).to.equal(false);
  });

  it('treats records older than the shortest retention as expired', () => {
    const swept = new DeliveryPolicy({ max: 3, initialMs: 1, factor: 2, jitter: 0 }, 1_000);
    expect([8_999, 9_000, 10_000].map((at) => swept.isExpired(at, 10_000))).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('treats no record without a timestamp as expired', () => {
    const swept = new DeliveryPolicy({ max: 3, initialMs: 1, factor: 2, jitter: 0 }, 1_000);
    expect([-1, Number.NaN].map((at) => swept.isExpired(at, 10_000))).to.deep.equal([false, false]);
  });
});
