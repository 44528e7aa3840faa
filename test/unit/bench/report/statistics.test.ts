import { expect } from 'chai';
import { mean, median, quantile, rounded, spreadOf } from '../../../../bench/report/statistics.js';

describe("The benchmark's statistics", () => {
  it('return the middle of an odd number of values, in any order', () => {
    expect(median([30, 10, 20])).to.equal(20);
  });

  it('return the mean of the two middle values of an even number', () => {
    expect(median([4, 1, 3, 100])).to.equal(3.5);
  });

  it('sort by size, not as text', () => {
    expect(median([9, 10, 100])).to.equal(10);
  });

  it('return no median of an empty list', () => {
    expect(() => median([])).to.throw('no median');
  });

  it('return the mean, and none of an empty list', () => {
    expect(mean([10, 20, 60])).to.equal(30);
    expect(() => mean([])).to.throw('no mean');
  });

  it('return the smallest value that a given share of all values does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1)]).to.deep.equal([
      50, 99, 100,
    ]);
    expect(quantile([7], 0.99)).to.equal(7);
  });

  it('summarise values in any order, also none', () => {
    expect(spreadOf([3, 1, 2])).to.deep.equal({ count: 3, p50: 2, p99: 3, max: 3 });
    expect(spreadOf([])).to.deep.equal({ count: 0, p50: 0, p99: 0, max: 0 });
  });

  it('show three digits, and never round a whole number', () => {
    expect([12_345.6, 99.96, 0.012_345].map(rounded)).to.deep.equal([12_346, 100, 0.0123]);
  });
});
