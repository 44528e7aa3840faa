import { expect } from 'chai';
import type { Clock } from '../../../src/application/ports/clock.js';

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets this much time pass. */
  pass(ms: number): Promise<void>;
  /** Sets the wall clock ahead, or back with a negative number. */
  stepWall(ms: number): void;
}

const HOUR = 3_600_000;

/** Tests the obligations of a `Clock`. */
export function clockContract(name: string, make: () => ClockUnderTest): void {
  describe(`${name}, as a Clock`, () => {
    let used: ClockUnderTest;

    beforeEach(() => {
      used = make();
    });

    it('returns milliseconds since the epoch, and advances', async () => {
      const before = used.clock.now();
      expect(before).to.be.greaterThan(1.6e12);
      await used.pass(20);
      expect(used.clock.now() - before).to.be.at.least(15);
    });

    it('counts elapsed milliseconds as time passes', async () => {
      const before = used.clock.elapsed();
      await used.pass(20);
      expect(used.clock.elapsed() - before).to.be.within(15, 5_000);
    });

    for (const [direction, step] of [
      ['back', -HOUR],
      ['ahead', HOUR],
    ] as const) {
      it(`returns the new time when the wall clock is set ${direction}, while elapsed continues as before`, async () => {
        const before = { now: used.clock.now(), elapsed: used.clock.elapsed() };
        used.stepWall(step);
        await used.pass(20);
        expect(used.clock.now() - before.now - step).to.be.within(15, 5_000);
        expect(used.clock.elapsed() - before.elapsed).to.be.within(15, 5_000);
      });
    }

    it('calls back on time even if the wall clock is set back meanwhile', async () => {
      let calls = 0;
      used.clock.after(20, () => (calls += 1));
      used.stepWall(-HOUR);
      await used.pass(50);
      expect(calls).to.equal(1);
    });

    it('calls back once, after the delay', async () => {
      let calls = 0;
      used.clock.after(20, () => (calls += 1));
      await used.pass(5);
      expect(calls).to.equal(0);
      await used.pass(50);
      expect(calls).to.equal(1);
    });

    it('never calls back synchronously, even with no delay or a negative one', async () => {
      let calls = 0;
      for (const delay of [0, -5]) used.clock.after(delay, () => (calls += 1));
      expect(calls).to.equal(0);
      await used.pass(20);
      expect(calls).to.equal(2);
    });

    it('does not call back after it was cancelled, and can be cancelled repeatedly', async () => {
      let calls = 0;
      const cancel = used.clock.after(5, () => (calls += 1));
      cancel();
      cancel();
      const late = used.clock.after(5, () => (calls += 10));
      await used.pass(30);
      late();
      expect(calls).to.equal(10);
    });

    it('supports a delay of months', async () => {
      let calls = 0;
      const cancel = used.clock.after(60 * 86_400_000, () => (calls += 1));
      await used.pass(20);
      cancel();
      expect(calls).to.equal(0);
    });
  });
}
