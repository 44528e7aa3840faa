import { expect } from 'chai';
import { InMemoryAlerts } from '../../../support/memory/in-memory-alerts.js';
import { AlertDelivery } from '../../../../src/application/alerts/alert-delivery.js';
import { AlertNotDelivered, type AlertOutbox } from '../../../../src/application/ports/alerts.js';
import { AlertWatcher } from '../../../../src/application/alerts/alert-watcher.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import type { Alert } from '../../../../src/domain/alerts/alert.js';
import type { DeadLetter } from '../../../../src/domain/failures/failed-message.js';
import { failInStore, replayFails } from '../../../support/failures/failures-in-store.js';
import { FailureWorld } from '../../../support/failures/failure-world.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

const AGE_MS = 3_600_000;

describe('Alerts', () => {
  let world: FailureWorld;
  let logger: RecordingLogger;
  let outbox: InMemoryAlerts;
  let told: { readonly at: number; readonly alert: Alert }[];
  let fails: (alert: Alert) => boolean;
  let watchers: AlertWatcher[];

  /** One more process that watches for alerts. */
  function watcher(over: AlertOutbox = outbox): AlertWatcher {
    const { failures, ledger, clock } = world;
    const channel = {
      deliver: (alert: Alert) => {
        told.push({ at: clock.now(), alert });
        return fails(alert) ? Promise.reject(new AlertNotDelivered(500)) : Promise.resolve();
      },
      close: () => undefined,
    };
    const delivery = new AlertDelivery(over, channel, clock, logger);
    const made = new AlertWatcher(
      ...([over, delivery, failures, failures, ledger, AGE_MS, clock, logger] as const),
    );
    watchers.push(made);
    return made;
  }

  const fail = (given: Partial<DeadLetter> = {}): Promise<string> => failInStore(world, given);
  const failAgain = (id: string, reason: string): Promise<void> => replayFails(world, id, reason);
  const types = (): string[] => told.map(({ alert: { type } }) => type.replace('failures.', ''));
  const discard = (id: string) => world.ledger.amend(id, (failure) => ({ ...failure, state: 'discarded' }));

  beforeEach(() => {
    world = new FailureWorld();
    logger = new RecordingLogger();
    outbox = new InMemoryAlerts();
    told = [];
    fails = () => false;
    watchers = [];
  });

  afterEach(async () => {
    const stops = watchers.map((watcher) => watcher.stop());
    await world.clock.advance(5_000);
    await Promise.all(stops);
    expect(world.clock.pendingTimers).to.equal(0);
  });

  it('announce a new group once, with its details', async () => {
    watcher().start();
    await world.clock.advance(6_000);
    expect(told).to.deep.equal([]);
    const id = await fail({ reason: 'broke 3 times' });
    await fail({ reason: 'broke 4 times' });
    const { group } = (await world.failure(id))!;
    await world.clock.advance(60_000);
    expect(types()).to.deep.equal(['group-new']);
    const data = { key: group.key, code: 'delivery-failed', reason: 'broke <n> times', count: 2 };
    expect(told[0]?.alert.data).to.deep.equal(data);
    expect(logger.events()).to.deep.equal(['alert.delivered']);
    await fail({ reason: 'something else' });
    await world.clock.advance(6_000);
    expect(types()).to.deep.equal(['group-new', 'group-new']);
  });

  it('announce a group again after it was gone', async () => {
    watcher().start();
    const id = await fail();
    await world.clock.advance(6_000);
    await discard(id);
    await world.clock.advance(6_000);
    await fail();
    await world.clock.advance(6_000);
    expect(types()).to.deep.equal(['group-new', 'group-new']);
    expect(told[0]?.alert.id).not.to.equal(told[1]?.alert.id);
  });

  it('never announce invalid sends', async () => {
    watcher().start();
    await fail({ code: 'invalid-message', disposition: 'refused' });
    await world.clock.advance(2 * AGE_MS);
    expect(told).to.deep.equal([]);
    await fail({ code: 'invalid-message', disposition: 'rejected' });
    await world.clock.advance(6_000);
    expect(types()).to.deep.equal(['group-new']);
  });

  it('announce the oldest failure once when it is too old, and again only after failures were young', async () => {
    watcher().start();
    const old = await fail();
    await world.clock.advance(AGE_MS / 2);
    const younger = await fail({ reason: 'y' });
    expect(types()).to.deep.equal(['group-new']);
    await world.clock.advance(AGE_MS / 2 + 10_000);
    expect(types()).to.deep.equal(['group-new', 'group-new', 'oldest-age']);
    expect(told[2]?.alert.data).to.include({ id: old, count: 1 });
    await discard(old);
    await world.clock.advance(10_000);
    await world.clock.advance(AGE_MS);
    expect(types().slice(3)).to.deep.equal(['oldest-age']);
    expect(told[3]?.alert.data).to.include({ id: younger });
  });

  it('announce every replay that failed again, and no other', async () => {
    watcher().start();
    const id = await fail();
    await world.clock.advance(6_000);
    await failAgain(id, 'it would not be written');
    await world.clock.advance(6_000);
    await failAgain(id, 'it would not be written');
    await world.clock.advance(60_000);
    expect(types().filter((type) => type === 'replay-failed')).to.have.lengthOf(2);
    const { group } = (await world.failure(id))!;
    const last = told.at(-1)!.alert.data;
    expect(last).to.include({ id, key: group.key, code: 'delivery-failed', reason: group.reason, count: 1 });
    expect((await world.failure(id))!.alert).to.equal(undefined);
    expect(new Set(told.map(({ alert }) => alert.id)).size).to.equal(told.length);
  });

  it('do not announce a failed replay that was closed since', async () => {
    const id = await fail();
    await failAgain(id, 'again');
    await discard(id);
    watcher().start();
    await world.clock.advance(60_000);
    expect(told).to.deep.equal([]);
    expect((await world.failure(id))!.alert).to.equal(undefined);
  });

  it('are delivered again after 2 s, then after increasing delays, until the receiver accepts them', async () => {
    fails = () => told.length < 12;
    watcher().start();
    await fail();
    await world.clock.advance(AGE_MS - 60_000);
    expect(told).to.have.lengthOf(12);
    expect(new Set(told.map(({ alert }) => alert.id)).size).to.equal(1);
    const gaps = told.slice(1).map(({ at }, i) => Math.round((at - told[i]!.at) / 1_000));
    expect(gaps[0]).to.be.within(2, 4);
    expect(gaps.every((gap, i) => i === 0 || gap >= gaps[i - 1]! - 1)).to.equal(true);
    expect(gaps.at(-1)).to.be.within(300, 302);
    const failed = logger.lines.filter(({ event }) => event === 'alert.not-delivered');
    expect(failed.at(-1)?.fields).to.include({ attempts: 11, status: 500, type: 'failures.group-new' });
  });

  it('are not delayed by an alert that the receiver does not accept', async () => {
    fails = ({ data }) => data.reason === 'poison';
    watcher().start();
    await fail({ reason: 'poison' });
    await world.clock.advance(6_000);
    await fail({ reason: 'fine' });
    await world.clock.advance(6_000);
    expect(told.filter(({ alert }) => alert.data.reason === 'fine')).to.have.lengthOf(1);
  });

  it('come from one process, and from another one when it stops or dies', async () => {
    const [first, second] = [watcher(), watcher()];
    first.start();
    second.start();
    await fail({ reason: 'one' });
    await world.clock.advance(11_000);
    expect(told).to.have.lengthOf(1);
    await first.stop();
    await fail({ reason: 'two' });
    await world.clock.advance(11_000);
    expect(told).to.have.lengthOf(2);
    // The process dies: it does nothing more, and does not release its lease.
    const dying = { change: () => Promise.reject(new DependencyUnavailable('store', undefined)) };
    (second as unknown as { outbox: AlertOutbox }).outbox = dying;
    watcher().start();
    await fail({ reason: 'three' });
    await world.clock.advance(60_000);
    expect(told).to.have.lengthOf(3);
    expect(logger.events()).to.include('alert.not-watched');
  });

  it('are delivered by another process under the same id if the first process dies', async () => {
    fails = () => true;
    const dying = watcher();
    dying.start();
    await fail();
    await world.clock.advance(6_000);
    await dying.stop();
    const before = told.length;
    expect(before).to.be.above(0);
    fails = () => false;
    watcher().start();
    await world.clock.advance(10_000);
    expect(told).to.have.lengthOf(before + 1);
    expect(new Set(told.map(({ alert }) => alert.id)).size).to.equal(1);
  });

  it('are not lost if the process dies between any two of its writes', async () => {
    for (let survived = 0; survived < 8; survived += 1) {
      told.length = 0;
      outbox = new InMemoryAlerts();
      const id = await fail({ reason: 'replayed' });
      await failAgain(id, 'replayed');
      let left = survived;
      const mortal: AlertOutbox = {
        change: (change) =>
          (left -= 1) < 0
            ? Promise.reject(new DependencyUnavailable('store', undefined))
            : outbox.change(change),
      };
      watcher(mortal).start();
      await world.clock.advance(40_000);
      left = 0;
      watcher().start();
      await world.clock.advance(40_000);
      expect(new Set(types()), String(survived)).to.deep.equal(new Set(['group-new', 'replay-failed']));
      await Promise.all(watchers.splice(0).map((watcher) => watcher.stop()));
      await discard(id);
    }
  });

  it('are made for very many failed replays without holding all of them in memory', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 450; n += 1) ids.push(await fail());
    for (const id of ids) await failAgain(id, 'again');
    let most = 0;
    const measured: AlertOutbox = {
      change: async (change) => {
        const state = await outbox.change(change);
        most = Math.max(most, state?.pending.length ?? 0);
        return state;
      },
    };
    watcher(measured).start();
    await world.clock.advance(120_000);
    expect(types().filter((type) => type === 'replay-failed')).to.have.lengthOf(450);
    expect(most).to.be.within(100, 202);
  });
});
