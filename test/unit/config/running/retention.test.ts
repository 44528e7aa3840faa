import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { RetentionGuard } from '../../../../src/application/retention/retention-guard.js';
import { FatalErrors } from '../../../../src/config/running/fatal-errors.js';
import { afterCheck, retentionCheck } from '../../../../src/config/running/retention.js';
import { FakeClock } from '../../../support/fake-clock.js';

const DAY = 86_400_000;

describe('Starting with a retention', () => {
  let clock: FakeClock;
  let retention: number | undefined;
  let calls: string[];

  const guardOf = (days?: number): RetentionGuard =>
    new RetentionGuard(
      days === undefined ? [] : [{ what: 'messages', variable: 'MESSAGE_TTL_DAYS', ms: days * DAY }],
      {
        ofMessages: () =>
          retention === undefined
            ? Promise.reject(new DependencyUnavailable('log', undefined))
            : Promise.resolve(retention),
      },
      clock,
    );
  const component = {
    name: 'delivery',
    start: () => void calls.push('start'),
    stop: () => void calls.push('stop'),
  };

  beforeEach(() => {
    clock = new FakeClock();
    retention = 30 * DAY;
    calls = [];
  });

  it('fails if the retention is too short', async () => {
    const check = retentionCheck(guardOf(30), clock, new FatalErrors());
    const error = await Promise.resolve(check.start?.()).catch((reason: unknown) => reason);
    expect(String(error)).to.include('MESSAGE_TTL_DAYS must exceed');
  });

  it('ends the program if that is found later', async () => {
    retention = undefined;
    const fatal: Error[] = [];
    const fatalErrors = new FatalErrors();
    fatalErrors.handle((error) => fatal.push(error));
    const starting = retentionCheck(guardOf(30), clock, fatalErrors).start?.();
    await clock.advance(1_000);
    await starting;
    expect(fatal).to.have.lengthOf(0);
    retention = 30 * DAY;
    await clock.advance(5_000);
    expect(fatal.map(({ message }) => message.split(' ')[0])).to.deep.equal(['MESSAGE_TTL_DAYS']);
  });

  it('starts delivery at once if nothing is swept, or the check has passed', async () => {
    await afterCheck(guardOf(), component).start?.();
    const guard = guardOf(31);
    await guard.check();
    await afterCheck(guard, component).start?.();
    expect(calls).to.deep.equal(['start', 'start']);
  });

  it('starts delivery when the log has answered, and never if the check fails', async () => {
    retention = undefined;
    const [good, bad] = [guardOf(31), guardOf(30)];
    await afterCheck(good, component).start?.();
    await afterCheck(bad, component).start?.();
    await clock.advance(4_000);
    expect(calls).to.deep.equal([]);
    retention = 30 * DAY;
    await clock.advance(2_000);
    expect(calls).to.deep.equal(['start']);
  });

  it('does not start delivery after it was stopped', async () => {
    retention = undefined;
    const gated = afterCheck(guardOf(31), component);
    await gated.start?.();
    await gated.stop?.();
    retention = 30 * DAY;
    await clock.advance(5_000);
    expect(calls).to.deep.equal(['stop']);
  });
});
