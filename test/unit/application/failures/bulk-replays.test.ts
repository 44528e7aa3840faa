import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { BulkReplays, UnknownReplay } from '../../../../src/application/failures/bulk-replays.js';
import { ReplayRunner } from '../../../../src/application/failures/replay-runner.js';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import { STUCK_AFTER_MS } from '../../../../src/domain/failures/failure-actions.js';
import { aMessage } from '../../../support/builders.js';
import { FailureWorld, REPLAY_RULES } from '../../../support/failures/failure-world.js';
import { countingIds } from '../../../support/recorders.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { repeating } from '../../../support/delivery/ledger/repeating-ledger.js';

describe('Bulk replays', () => {
  let world: FailureWorld;
  let logger: RecordingLogger;
  let runners: ReplayRunner[];
  let desk: BulkReplays;

  /** One more process that runs bulk replays. */
  function runner(ledger: Pick<Ledger, 'amendAll'> = world.ledger): ReplayRunner {
    const { failures, clock } = world;
    const made = new ReplayRunner(
      ...([failures, failures, ledger, world.newOutbox(), REPLAY_RULES, clock, logger, countingIds] as const),
    );
    runners.push(made);
    return made;
  }

  async function fail(count: number, given: { message?: string } = {}): Promise<void> {
    for (let n = 0; n < count; n += 1) await world.fail(aMessage({ from: 'shop', ...given }));
    await world.clock.advance(10);
  }

  const begin = (rate = 1_000) => desk.begin({ filter: { from: 'shop' }, rate, by: 'me' });
  const published = (): number => world.messages.length;

  beforeEach(() => {
    world = new FailureWorld();
    logger = new RecordingLogger();
    runners = [];
    desk = new BulkReplays(world.failures, world.failures, countingIds, world.clock, () => undefined);
  });

  afterEach(async () => {
    const stops = runners.map((runner) => runner.stop());
    await world.clock.advance(1_000);
    await Promise.all(stops);
  });

  it('publish every failure in their set, and count it', async () => {
    await fail(30);
    const before = published();
    const { id, total } = await begin();
    expect(total).to.equal(30);
    await fail(2);
    runner().start();
    await world.clock.advance(5_000);
    expect(published() - before).to.equal(32);
    expect(await desk.progress(id)).to.deep.equal({
      ...{ id, state: 'done', total: 30, published: 30, skipped: 0, failedAgain: 0, rate: 1_000 },
    });
    expect(logger.events()).to.deep.equal(['replay.job-done']);
  });

  it('publish failures that a receiver recorded while its clock was ahead', async () => {
    await world.fail(aMessage({ from: 'shop' }));
    world.clock.stepWall(3_600_000);
    await world.fail(aMessage({ from: 'shop' }));
    world.clock.stepWall(-3_600_000);
    const { id, total } = await begin();
    expect(total).to.equal(2);
    runner().start();
    await world.clock.advance(5_000);
    expect(await desk.progress(id)).to.include({ state: 'done', published: 2, skipped: 0 });
  });

  it('publish at once the failures that they marked in a repeated transaction', async () => {
    await fail(3);
    const before = published();
    await begin();
    runner(repeating(world.ledger)).start();
    await world.clock.advance(1_000);
    expect(published() - before).to.equal(3);
  });

  it('keep to their rate, without bursts', async () => {
    await fail(40);
    const before = published();
    await begin(8);
    runner().start();
    await world.clock.advance(1_000);
    expect(published() - before).to.be.within(6, 10);
    await world.clock.advance(2_000);
    expect(published() - before).to.be.within(20, 26);
  });

  it('are run by one process at a time, and by another one when that dies', async () => {
    await fail(40);
    const before = published();
    const { id } = await begin(8);
    const [first, second] = [runner(), runner()];
    first.start();
    second.start();
    await world.clock.advance(1_000);
    expect(published() - before).to.be.within(6, 10);
    // The process dies: it does nothing more, and does not release its lease.
    const dead = first as unknown as { isStopped: boolean; jobs: unknown };
    dead.jobs = { change: () => Promise.reject(new DependencyUnavailable('store', undefined)) };
    await world.clock.advance(40_000);
    expect(published() - before).to.equal(40);
    expect(await desk.progress(id)).to.include({ state: 'done', published: 40, skipped: 0 });
    expect(logger.events()).to.include('replay.job-interrupted');
  });

  it('end when they are cancelled, and leave the rest unresolved', async () => {
    await fail(40);
    const before = published();
    const { id } = await begin(8);
    runner().start();
    await world.clock.advance(1_000);
    expect(await desk.cancel(id)).to.include({ state: 'cancelled', total: 40 });
    const taken = published() - before;
    expect(taken).to.be.within(6, 10);
    await world.clock.advance(60_000);
    expect(await desk.progress(id)).to.include({ published: taken, skipped: 0 });
    const states = [...world.ledger.allFailures()].map(({ state }) => state);
    expect(states.filter((state) => state === 'unresolved')).to.have.lengthOf(40 - taken);
  });

  it('count failures that cannot be replayed unchanged, and those that an operator replayed first', async () => {
    await fail(3);
    await fail(2, { message: 'x'.repeat(2_000) });
    const { id } = await begin();
    const [first] = [...world.ledger.allFailures()];
    await world.operator.discard(first!.id, { force: false });
    runner().start();
    await world.clock.advance(5_000);
    expect(await desk.progress(id)).to.include({ state: 'done', total: 5, published: 2, skipped: 3 });
  });

  it('count failures that failed again', async () => {
    await fail(4);
    const before = published();
    const { id } = await begin();
    runner().start();
    await world.clock.advance(5_000);
    await world.deliver(before, 'it failed again');
    await world.deliver(before + 1);
    expect(await desk.progress(id)).to.include({ published: 4, failedAgain: 1, skipped: 0 });
  });

  it('are not done before the log has all failures that they marked', async () => {
    await fail(2);
    world.publishing = 'lost';
    const { id } = await begin();
    runner().start();
    await world.clock.advance(5_000);
    expect(await desk.progress(id)).to.include({ state: 'running', published: 0 });
    world.publishing = 'confirmed';
    await world.continueInNewProcess();
    await world.clock.advance(5_000);
    expect(await desk.progress(id)).to.include({ state: 'done', published: 2 });
  });

  for (const act of ['replay', 'discard'] as const) {
    it(`are done when an operator has forced the ${act} of failures that they marked and could not publish`, async () => {
      await fail(3);
      world.publishing = 'lost';
      const { id } = await begin();
      runner().start();
      await world.clock.advance(STUCK_AFTER_MS + 10_000);
      expect(await desk.progress(id)).to.include({ state: 'running', published: 0 });
      const [first] = [...world.ledger.allFailures()];
      await world.operator[act](first!.id, { force: true });
      world.publishing = 'confirmed';
      await world.continueInNewProcess();
      await world.clock.advance(5_000);
      expect(await desk.progress(id)).to.include({ state: 'done', total: 3, published: 2, skipped: 1 });
    });
  }

  it('take the next failures before the log has confirmed earlier ones, at most those of a second', async () => {
    await fail(40);
    const before = published();
    const confirm = world.deferConfirmations();
    await begin(8);
    runner().start();
    await world.clock.advance(3_000);
    expect(published() - before).to.equal(8);
    confirm();
    await world.clock.advance(1_000);
    expect(published() - before).to.be.within(10, 18);
  });

  it('wait a second after the log did not answer, before they take more', async () => {
    await fail(4_000);
    world.publishing = 'lost';
    await begin(100_000);
    runner().start();
    await world.clock.advance(1_500);
    const replaying = [...world.ledger.allFailures()].filter(({ state }) => state === 'replaying');
    expect(replaying.length).to.be.within(1, 2_000);
  });

  it('are counted once a second while they run, however many callers ask, and again when they have ended', async () => {
    await fail(80);
    const { id } = await begin(8);
    runner().start();
    await world.clock.advance(4_100);
    let counted = 0;
    const { failures } = world;
    const counts = failures.counts.bind(failures);
    failures.counts = (job) => {
      counted += 1;
      return counts(job);
    };
    const [first, second] = await Promise.all([desk.progress(id), desk.progress(id)]);
    expect(first).to.deep.equal(second);
    await world.clock.advance(500);
    expect(await desk.progress(id)).to.deep.equal(first);
    expect(counted).to.equal(1);
    await world.clock.advance(500);
    expect((await desk.progress(id)).published).to.be.above(first.published);
    expect(counted).to.equal(2);
    await desk.cancel(id);
    await desk.progress(id);
    expect(counted).to.equal(4);
  });

  it('are polled again after an outage of the store', async () => {
    await fail(2);
    const { id } = await begin();
    const { failures } = world;
    const running = failures.running.bind(failures);
    failures.running = () => Promise.reject(new DependencyUnavailable('store', undefined));
    runner().start();
    await world.clock.advance(100);
    expect(logger.events()).to.deep.equal(['replay.jobs-not-read']);
    failures.running = running;
    await world.clock.advance(10_000);
    expect(await desk.progress(id)).to.include({ state: 'done' });
  });

  it('are unknown under any other id', async () => {
    for (const call of [() => desk.progress('x'), () => desk.cancel('x')]) {
      expect(await call().catch((error: unknown) => error)).to.be.instanceOf(UnknownReplay);
    }
  });
});
