import { expect } from 'chai';
import fc from 'fast-check';
import { scheduleFaults, type Fault, type FaultKind } from '../../../torture/schedule.js';

const LENGTH_MS = 600_000;
const KINDS: readonly FaultKind[] = [
  ...(['kill', 'freeze', 'step-down', 'terminate', 'lose-responses'] as const),
  ...(['slow-network', 'isolate', 'clock-step'] as const),
];

const TARGETS = ['broker', 'mongo', 'api', 'receiver'];
const LINKS = ['api broker', 'api mongo', 'receiver broker', 'receiver mongo'];
/** By kind, target and, for a network fault, the server at its other end. */
const FAULTS = [
  ...TARGETS.flatMap((target) => ['kill', 'freeze', 'terminate'].map((kind) => `${kind} ${target}`)),
  ...LINKS.flatMap((link) => ['lose-responses', 'slow-network', 'isolate'].map((kind) => `${kind} ${link}`)),
  ...['step-down mongo', 'clock-step api', 'clock-step receiver'],
];

describe('A torture schedule', () => {
  it('is the same for the same seed, and differs for another', () => {
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

  it('repeats every kind of fault on every kind of target within half an hour', () => {
    const groupOf = (target: string): string => target.replace(/-\d$/, '');
    for (let seed = 0; seed < 20; seed += 1) {
      const faults = scheduleFaults(seed, 3 * LENGTH_MS);
      const counts = new Map<string, number>();
      for (const { kind, target, peer } of faults) {
        const name = `${kind} ${groupOf(target)} ${peer === undefined ? '' : groupOf(peer)}`.trim();
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      for (const name of FAULTS) expect(counts.get(name), `seed ${String(seed)}: ${name}`).to.be.above(1);
    }
  });

  it('freezes for 10 to 40 s, unless the campaign ends before', () => {
    const frozen = scheduleFaults(7, LENGTH_MS).filter(
      ({ kind, at, durationMs }) => kind === 'freeze' && at + durationMs < LENGTH_MS,
    );
    expect(frozen).to.have.lengthOf.above(3);
    for (const { durationMs } of frozen) expect(durationMs).to.be.within(10_000, 40_000);
  });

  it('begins in order, ends in time, and never disturbs a target twice at once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 120_000 }), (seed, length) => {
        const faults = scheduleFaults(seed, length);
        const ends = new Map<string, number>();
        let before = 0;
        for (const { at, durationMs, target } of faults) {
          expect(at).to.be.at.least(before);
          expect(at).to.be.at.least(ends.get(target) ?? 0);
          expect(at + durationMs).to.be.at.most(length);
          ends.set(target, at + durationMs);
          before = at;
        }
      }),
    );
  });

  it('gives every network fault a server at the other end, and every clock step an offset', () => {
    const faults: Fault[] = scheduleFaults(7, LENGTH_MS);
    for (const { kind, peer, stepMs } of faults) {
      const disturbsNetwork = ['lose-responses', 'slow-network', 'isolate'].includes(kind);
      expect(peer !== undefined).to.equal(disturbsNetwork);
      expect(stepMs !== undefined).to.equal(kind === 'clock-step');
    }
  });
});
