import { expect } from 'chai';
import fc from 'fast-check';
import { scheduleFaults, type Fault, type FaultKind } from '../../../torture/schedule.js';

const LENGTH_MS = 600_000;
const KINDS: readonly FaultKind[] = [
  ...(['kill', 'freeze', 'step-down', 'terminate', 'lose-responses'] as const),
  ...(['slow-network', 'isolate', 'clock-step'] as const),
];

describe('A torture schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(scheduleFaults(1, LENGTH_MS)).to.deep.equal(scheduleFaults(1, LENGTH_MS));
    expect(scheduleFaults(1, LENGTH_MS)).not.to.deep.equal(scheduleFaults(2, LENGTH_MS));
  });

  it('contains every kind of fault within ten minutes', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const kinds = new Set(scheduleFaults(seed, LENGTH_MS).map(({ kind }) => kind));
        expect([...kinds].sort()).to.deep.equal([...KINDS].sort());
      }),
      { numRuns: 50 },
    );
  });

  it('begins in order, ends in time, and never disturbs a target twice at once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 120_000 }), (seed, length) => {
        const faults = scheduleFaults(seed, length);
        const ends = new Map<string, number>();
        let before = 0;
        for (const { at, lasts, target } of faults) {
          expect(at).to.be.at.least(before);
          expect(at).to.be.at.least(ends.get(target) ?? 0);
          expect(at + lasts).to.be.at.most(length);
          ends.set(target, at + lasts);
          before = at;
        }
      }),
    );
  });

  it('gives every network fault a server at the other end, and every clock step a distance', () => {
    const faults: Fault[] = scheduleFaults(7, LENGTH_MS);
    for (const { kind, peer, stepMs } of faults) {
      const disturbsNetwork = ['lose-responses', 'slow-network', 'isolate'].includes(kind);
      expect(peer !== undefined).to.equal(disturbsNetwork);
      expect(stepMs !== undefined).to.equal(kind === 'clock-step');
    }
  });
});
