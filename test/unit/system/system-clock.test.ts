import { SystemClock } from '../../../src/adapters/system/system-clock.js';
import { clockContract } from '../../contract/clock.contract.js';
import { FakeClock } from '../../support/fake-clock.js';

clockContract('SystemClock', () => ({
  clock: new SystemClock(),
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

clockContract('FakeClock', () => {
  const clock = new FakeClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});
