import { expect } from 'chai';
import { BulkReplays } from '../../../../src/application/failures/bulk-replays.js';
import { ReplayRunner } from '../../../../src/application/failures/replay-runner.js';
import { aMessage } from '../../../support/builders.js';
import { FailureWorld, REPLAY_RULES } from '../../../support/failures/failure-world.js';
import { countingIds } from '../../../support/recorders.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

describe('Slow bulk replays', () => {
  let world: FailureWorld;
  let desk: BulkReplays;
  let runners: ReplayRunner[];

  /** Starts a process that runs bulk replays. */
  function startRunner(): void {
    const { failures, ledger, clock } = world;
    const logger = new RecordingLogger();
    const made = new ReplayRunner(
      ...([failures, failures, ledger, world.newOutbox(), REPLAY_RULES, clock, logger, countingIds] as const),
    );
    runners.push(made);
    made.start();
  }

  beforeEach(async () => {
    world = new FailureWorld();
    runners = [];
    desk = new BulkReplays(world.failures, world.failures, countingIds, world.clock, () => undefined);
    for (let n = 0; n < 3; n += 1) await world.fail(aMessage({ from: 'shop' }));
    await world.clock.advance(10);
  });

  afterEach(async () => {
    const stops = runners.map((runner) => runner.stop());
    await world.clock.advance(1_000);
    await Promise.all(stops);
  });

  it('keep to the lowest rate, however many processes look for work', async () => {
    const before = world.messages.length;
    const { id } = await desk.begin({ filter: { from: 'shop' }, rate: 0.1 });
    startRunner();
    startRunner();
    const counts: number[] = [];
    for (let seconds = 5; seconds <= 25; seconds += 10) {
      await world.clock.advance(seconds === 5 ? 5_000 : 10_000);
      counts.push(world.messages.length - before);
    }
    expect(counts).to.deep.equal([1, 2, 3]);
    await world.clock.advance(15_000);
    expect(await desk.progress(id)).to.include({ state: 'done', published: 3 });
  });

  it('end if an earlier version stored them with a rate that is too low', async () => {
    const { id } = await desk.begin({ filter: { from: 'shop' }, rate: 1e-100 });
    startRunner();
    await world.clock.advance(60_000);
    expect(await desk.progress(id)).to.include({ state: 'done', published: 3, rate: 0.1 });
  });
});
