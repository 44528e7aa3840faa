import { expect } from 'chai';
import { Lifecycle, type Component } from '../../../../src/config/running/lifecycle.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

function setUp(...changes: readonly Partial<Component>[]) {
  const steps: string[] = [];
  const components = ['store', 'engine', 'http'].map((name, index): Component => {
    const { start, stop } = changes[index] ?? {};
    return {
      name,
      start: async () => {
        steps.push(`start ${name}`);
        await start?.();
      },
      stop: async () => {
        steps.push(`stop ${name}`);
        await stop?.();
      },
    };
  });
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  return { steps, clock, logger, lifecycle: new Lifecycle(components, clock, logger, 10_000) };
}

const never = () => new Promise<void>(() => undefined);
const fails = () => Promise.reject(new Error('broken'));
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Lifecycle', () => {
  it('starts in order and stops in reverse', async () => {
    const { steps, lifecycle, clock } = setUp();
    await lifecycle.start();
    expect(await lifecycle.stop()).to.equal('stopped');
    expect(steps).to.deep.equal([
      'start store',
      'start engine',
      'start http',
      'stop http',
      'stop engine',
      'stop store',
    ]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('stops what was started if a start fails, and rejects with the error', async () => {
    const { steps, lifecycle } = setUp({}, { start: fails });
    const error: unknown = await lifecycle.start().catch((reason: unknown) => reason);
    expect(error).to.be.an('error').with.property('message', 'broken');
    expect(steps).to.deep.equal(['start store', 'start engine', 'stop engine', 'stop store']);
  });

  it('continues stopping if a stop fails, and logs which', async () => {
    const { steps, lifecycle, logger } = setUp({}, { stop: fails });
    await lifecycle.start();
    expect(await lifecycle.stop()).to.equal('stopped');
    expect(steps.at(-1)).to.equal('stop store');
    expect(logger.lines).to.have.length(1);
    expect(logger.lines[0]).to.deep.include({ level: 'error', event: 'program.component-stop-failed' });
    expect(logger.lines[0]?.fields).to.include({ component: 'engine' });
  });

  it('gives up at the deadline, and logs what it was waiting for', async () => {
    const { lifecycle, clock, logger } = setUp({}, { stop: never });
    await lifecycle.start();
    const ending = lifecycle.stop();
    await turn();
    await clock.advance(10_000);
    expect(await ending).to.equal('timed-out');
    expect(logger.lines[0]).to.deep.include({
      event: 'program.stop-timed-out',
      fields: { waitingFor: 'engine' },
    });
  });

  it('stops once, however often it is called', async () => {
    const { steps, lifecycle } = setUp();
    await lifecycle.start();
    expect(await Promise.all([lifecycle.stop(), lifecycle.stop()])).to.deep.equal(['stopped', 'stopped']);
    expect(steps.filter((step) => step === 'stop http')).to.have.length(1);
  });

  it('reports from the beginning that it is stopping', async () => {
    const { lifecycle } = setUp();
    await lifecycle.start();
    expect(lifecycle.isStopping).to.equal(false);
    const ending = lifecycle.stop();
    expect(lifecycle.isStopping).to.equal(true);
    await ending;
  });

  it('starts nothing more after it was asked to stop, and lets a start in flight finish first', async () => {
    let finish = (): void => undefined;
    const slow = () => new Promise<void>((resolve) => (finish = resolve));
    const { steps, lifecycle } = setUp({}, { start: slow });
    const start = lifecycle.start();
    await turn();
    const ending = lifecycle.stop();
    await turn();
    expect(steps).to.deep.equal(['start store', 'start engine']);
    finish();
    await Promise.all([start, ending]);
    expect(steps).to.deep.equal(['start store', 'start engine', 'stop engine', 'stop store']);
  });
});
