import { expect } from 'chai';
import { CLOCK_DIFFERENCE_MS, renewedLease, takeLease } from '../../../../src/domain/failures/lease.js';

const NOW = 1_700_000_000_000;
const LASTS_MS = 20_000;

describe('A lease', () => {
  it('is taken after it has ended, with the next term', () => {
    const lease = { term: 4, until: NOW, note: 'kept' };
    expect(takeLease(lease, NOW, LASTS_MS)).to.deep.equal({ term: 5, until: NOW + LASTS_MS, note: 'kept' });
  });

  it("is not taken while another process has it, even if that process's clock is slightly ahead", () => {
    for (const until of [NOW + 1, NOW + LASTS_MS, NOW + LASTS_MS + CLOCK_DIFFERENCE_MS]) {
      expect(takeLease({ term: 4, until }, NOW, LASTS_MS)).to.equal(undefined);
    }
  });

  it('is taken if it was created before a clock was set back', () => {
    const until = NOW + LASTS_MS + CLOCK_DIFFERENCE_MS + 1;
    expect(takeLease({ term: 4, until }, NOW, LASTS_MS)).to.deep.equal({ term: 5, until: NOW + LASTS_MS });
  });

  it('is renewed only in its own term, and not after it was released', () => {
    expect(renewedLease({ term: 4, until: 7 }, 4, 9)).to.deep.equal({ term: 4, until: 9 });
    expect(renewedLease({ term: 5, until: 7 }, 4, 9)).to.equal(undefined);
    expect(renewedLease({ term: 4, until: 0 }, 4, 9)).to.equal(undefined);
  });
});
