import { expect } from 'chai';
import type { DependencyState } from '../../../../src/application/ports/dependency-health.js';
import { firstContact } from '../../../../src/config/running/first-contact.js';
import { FakeClock } from '../../../support/fake-clock.js';

function setUp() {
  const clock = new FakeClock();
  let state: DependencyState = 'down';
  let over = false;
  const health = { dependency: 'log', status: () => ({ state, since: 0 }) } as const;
  void firstContact(health, clock).then(() => (over = true));
  return { clock, answer: (next: DependencyState) => (state = next), isOver: () => over };
}

describe('The first contact', () => {
  for (const state of ['up', 'degraded'] as const) {
    it(`ends soon after the dependency is ${state}`, async () => {
      const { clock, answer, isOver } = setUp();
      await clock.advance(200);
      expect(isOver()).to.equal(false);
      answer(state);
      await clock.advance(20);
      expect(isOver()).to.equal(true);
    });
  }

  it('is awaited for at most a second', async () => {
    const { clock, isOver } = setUp();
    await clock.advance(999);
    expect(isOver()).to.equal(false);
    await clock.advance(1);
    expect(isOver()).to.equal(true);
    expect(clock.pendingTimers).to.equal(0);
  });
});
