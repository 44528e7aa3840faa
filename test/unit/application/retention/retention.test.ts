import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { Retention } from '../../../../src/application/retention/retention.js';
import { RetentionGuard } from '../../../../src/application/retention/retention-guard.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

describe('The retention guard', () => {
  const clock = new FakeClock();
  const guardOf = (days: readonly number[], ofMessages: () => Promise<number>): RetentionGuard =>
    new RetentionGuard(
      days.map((count) => ({ what: 'messages' as const, variable: 'MESSAGE_TTL_DAYS', ms: count * DAY })),
      { ofMessages },
      clock,
    );
  const messageOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'passed',
      (error: unknown) => (error as Error).message,
    );

  it('passes at once if nothing is swept, without asking the log', async () => {
    const guard = guardOf([], () => Promise.reject(new Error('not asked')));
    expect(guard.passed).to.equal(true);
    await guard.check();
  });

  it('passes if messages are kept longer than in the log', async () => {
    const guard = guardOf([31, 40], () => Promise.resolve(30 * DAY));
    expect(guard.passed).to.equal(false);
    await guard.check();
    expect(guard.passed).to.equal(true);
  });

  for (const [days, retention, told] of [
    [30, 30 * DAY, '30 days, and the log keeps messages 30 days'],
    [0, 30 * DAY, '0 days, and the log keeps messages 30 days'],
    [400, Infinity, '400 days, and the log keeps messages without limit'],
  ] as const) {
    it(`names the variable if it is ${told}`, async () => {
      const guard = guardOf([days, 500_000], () => Promise.resolve(retention));
      const text = await messageOf(guard.check());
      expect(text).to.match(/^MESSAGE_TTL_DAYS must exceed the log's retention: it is /);
      expect(text).to.include(told);
      expect(guard.passed).to.equal(false);
    });
  }

  it('waits for a log that is down, and asks it only once', async () => {
    let asked = 0;
    const guard = guardOf([31], () => {
      asked += 1;
      if (asked < 3) return Promise.reject(new DependencyUnavailable('log', undefined));
      return Promise.resolve(30 * DAY);
    });
    const checks = [guard.check(), guard.check()];
    await clock.advance(5_000);
    expect([asked, guard.passed]).to.deep.equal([2, false]);
    await clock.advance(5_000);
    await Promise.all(checks);
    expect([asked, guard.passed]).to.deep.equal([3, true]);
  });
});

describe('The retention of messages', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let cutoffs: number[];
  let results: (number | Error)[];

  const start = (ms: number): Retention => {
    const sweep = (storedBefore: number): Promise<number> => {
      cutoffs.push(clock.now() - storedBefore);
      const result = results.shift() ?? 0;
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    };
    const retention = new Retention('messages', ms, { sweep }, clock, logger);
    retention.start();
    return retention;
  };

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    cutoffs = [];
    results = [];
  });

  it('sweeps until nothing is left, and again every hour', async () => {
    results = [5_000, 20];
    const retention = start(40 * DAY);
    await clock.advance(0);
    expect(cutoffs).to.have.lengthOf(3);
    expect(logger.lines).to.deep.equal([
      { level: 'info', event: 'retention.swept', fields: { what: 'messages', count: 5_020 } },
    ]);
    await clock.advance(HOUR);
    expect(cutoffs).to.have.lengthOf(4);
    await retention.stop();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('keeps messages a little longer than their records can be delivered', async () => {
    await start(40 * DAY).stop();
    expect(cutoffs).to.deep.equal([40 * DAY + HOUR]);
  });

  it('sweeps more often if the retention is short', async () => {
    const retention = start(100_000);
    await clock.advance(10_000);
    expect(cutoffs).to.deep.equal([101_000, 101_000]);
    await retention.stop();
  });

  it('logs a failed sweep, and tries again', async () => {
    const error = new TypeError('bug');
    results = [error];
    const retention = start(40 * DAY);
    await clock.advance(HOUR);
    expect(logger.lines).to.deep.equal([
      { level: 'warn', event: 'retention.sweep-failed', fields: { what: 'messages', error } },
    ]);
    expect(cutoffs).to.have.lengthOf(2);
    await retention.stop();
  });

  it('stops between two batches when it is stopped', async () => {
    results = [1, 1, 1, 1, 1];
    const retention = start(40 * DAY);
    await retention.stop();
    await clock.advance(2 * HOUR);
    expect(cutoffs).to.have.lengthOf(1);
  });
});
