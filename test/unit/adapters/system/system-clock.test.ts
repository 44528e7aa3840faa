import sinon from 'sinon';
import { SystemClock } from '../../../../src/adapters/system/system-clock.js';
import { clockContract } from '../../../contract/system/clock.contract.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('When the wall clock is set', () => {
  afterEach(() => {
    sinon.restore();
  });

  clockContract('SystemClock', () => {
    const machine = Date.now;
    return {
      clock: new SystemClock(),
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      stepWall: (ms) => sinon.replace(Date, 'now', () => machine() + ms),
    };
  });
});

clockContract('FakeClock', () => {
  const clock = new FakeClock();
  return {
    clock,
    pass: (ms) => clock.advance(ms),
    stepWall: (ms) => {
      clock.stepWall(ms);
    },
  };
});
