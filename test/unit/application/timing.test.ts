import { expect } from 'chai';
import { backoff, every, sleep } from '../../../src/application/timing.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('a repeated task', () => {
  let clock: FakeClock;
  let runs: number[];
  const noteRun = (): void => {
    runs.push(clock.elapsed() - began);
  };
  let began: number;

  beforeEach(() => {
    clock = new FakeClock();
    runs = [];
    began = clock.elapsed();
  });

  /** A task whose runs end when the test says so. */
  function slowTask(): { readonly task: () => Promise<void>; readonly end: () => void } {
    let end = (): void => undefined;
    const task = async (): Promise<void> => {
      noteRun();
      await new Promise<void>((resolve) => (end = resolve));
    };
    return {
      task,
      end: () => {
        end();
      },
    };
  }

  it('runs at once and then at intervals', async () => {
    every(clock, 100, noteRun);
    expect(runs).to.deep.equal([0]);
    await clock.advance(250);
    expect(runs).to.deep.equal([0, 100, 200]);
  });

  it('runs first after the given time', async () => {
    every(clock, 100, noteRun, 30);
    expect(runs).to.deep.equal([]);
    await clock.advance(140);
    expect(runs).to.deep.equal([30, 130]);
  });

  it('waits for the interval after a run has ended, so that runs do not overlap', async () => {
    const { task, end } = slowTask();
    every(clock, 100, task);
    await clock.advance(1_000);
    end();
    await clock.advance(100);
    expect(runs).to.deep.equal([0, 1_100]);
  });

  it('waits for as long as the last run asked', async () => {
    const pauses = [10, 50];
    every(clock, 100, () => {
      noteRun();
      return Promise.resolve(pauses.shift() ?? 1_000);
    });
    await clock.advance(900);
    expect(runs).to.deep.equal([0, 10, 60]);
  });

  it('runs at once when told to, and waits for the interval from then on', async () => {
    const repetition = every(clock, 100, noteRun);
    await clock.advance(70);
    repetition.runNow();
    expect(runs).to.deep.equal([0, 70]);
    await clock.advance(100);
    expect(runs).to.deep.equal([0, 70, 170]);
    expect(clock.pendingTimers).to.equal(1);
  });

  it('runs again after the current run when told to during it', async () => {
    const { task, end } = slowTask();
    const repetition = every(clock, 100, task);
    repetition.runNow();
    repetition.runNow();
    expect(runs).to.deep.equal([0]);
    end();
    await clock.advance(50);
    expect(runs).to.deep.equal([0, 0]);
  });

  it('ignores runNow() after stop()', async () => {
    const repetition = every(clock, 100, noteRun);
    await repetition.stop();
    await repetition.stop();
    repetition.runNow();
    await clock.advance(1_000);
    expect(runs).to.deep.equal([0]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('aborts the signal of the current run when it is stopped, and waits for the run', async () => {
    const { task, end } = slowTask();
    let signal: AbortSignal | undefined;
    const repetition = every(clock, 100, (given) => {
      signal = given;
      return task();
    });
    let isStopped = false;
    const stopping = repetition.stop().then(() => (isStopped = true));
    await clock.advance(1_000);
    expect([isStopped, signal?.aborted]).to.deep.equal([false, true]);
    end();
    await stopping;
    await clock.advance(1_000);
    expect(runs).to.deep.equal([0]);
  });
});

describe('backoff', () => {
  const passing = new Error('passing');
  const canBeRetried = (error: unknown): boolean => error === passing;
  const delayMs = (retry: number): number => retry * 100;

  /** Returns work that fails with these errors, one after another, and then succeeds. */
  function failing(...errors: readonly Error[]): { calls: number; readonly work: () => Promise<string> } {
    const state = {
      calls: 0,
      work: () => {
        const error = errors[state.calls++];
        return error ? Promise.reject(error) : Promise.resolve('done');
      },
    };
    return state;
  }

  it('repeats the work after growing delays until it succeeds', async () => {
    const clock = new FakeClock();
    const state = failing(passing, passing);
    const result = backoff(state.work, { clock, delayMs, canBeRetried });
    await clock.advance(99);
    expect(state.calls).to.equal(1);
    await clock.advance(1);
    expect(state.calls).to.equal(2);
    await clock.advance(199);
    expect(state.calls).to.equal(2);
    await clock.advance(1);
    expect(await result).to.equal('done');
  });

  it('rejects with an error that cannot be retried', async () => {
    const clock = new FakeClock();
    const defect = new Error('defect');
    const state = failing(defect);
    const error: unknown = await backoff(state.work, { clock, delayMs, canBeRetried }).catch(
      (caught: unknown) => caught,
    );
    expect([error, state.calls, clock.pendingTimers]).to.deep.equal([defect, 1, 0]);
  });

  it('resolves with undefined when it is over, without another call', async () => {
    const clock = new FakeClock();
    const state = failing(passing);
    let isOver = false;
    const result = backoff(state.work, { clock, delayMs, canBeRetried, isOver: () => isOver });
    await clock.advance(50);
    isOver = true;
    await clock.advance(50);
    expect([await result, state.calls]).to.deep.equal([undefined, 1]);
  });
});

describe('sleep', () => {
  it('ends after the given time', async () => {
    const clock = new FakeClock();
    let isOver = false;
    void sleep(clock, 100, new AbortController().signal).then(() => (isOver = true));
    await clock.advance(99);
    expect(isOver).to.equal(false);
    await clock.advance(1);
    expect(isOver).to.equal(true);
  });

  it('ends at once when it is aborted, and leaves no timer', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const slept = sleep(clock, 100, abort.signal);
    abort.abort();
    await slept;
    await sleep(clock, 100, abort.signal);
    expect(clock.pendingTimers).to.equal(0);
  });
});
