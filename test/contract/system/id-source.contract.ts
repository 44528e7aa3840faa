import { expect } from 'chai';
import type { IdSource } from '../../../src/application/ports/clock.js';

const NOW = 1_700_000_000_000;

/** Tests the obligations of an `IdSource`. `make` returns a new source each time, as another process would have it. */
export function idSourceContract(name: string, make: () => IdSource): void {
  describe(`${name}, as an IdSource`, () => {
    it('makes 24 lower-case hex digits', () => {
      expect(make().next(NOW)).to.match(/^[0-9a-f]{24}$/);
    });

    it('makes ids that increase within a millisecond and over time', () => {
      const ids = make();
      const times = [0, 0, 0, 1, 1, 2, 1_000_000];
      const made = times.map((time) => ids.next(NOW + time));
      expect(made).to.deep.equal([...made].sort());
      expect(new Set(made).size).to.equal(times.length);
    });

    it('keeps increasing when the clock is set back', () => {
      const ids = make();
      const made = [0, -5_000, -5_000, -4_999, 1].map((time) => ids.next(NOW + time));
      expect(made).to.deep.equal([...made].sort());
      expect(new Set(made).size).to.equal(5);
    });

    it('never makes an id that another process makes at the same time', () => {
      const made = Array.from({ length: 200 }, () => make().next(NOW));
      expect(new Set(made).size).to.equal(200);
    });
  });
}
