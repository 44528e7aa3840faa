import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { ReplayOutbox } from '../../../../src/application/failures/replay-outbox.js';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import { aMessage } from '../../../support/builders.js';
import { FailureWorld, REPLAY_RULES } from '../../../support/failures/failure-world.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { repeating } from '../../../support/delivery/ledger/repeating-ledger.js';
import { silentTelemetry } from '../../../support/silent-telemetry.js';

describe('The outbox of replays', () => {
  let world: FailureWorld;
  const message = aMessage({ from: 'shop', to: 'till', message: 'hello' });
  const { id } = message;

  beforeEach(async () => {
    world = new FailureWorld();
    await world.fail(message);
  });

  it('publishes the same bytes under the same id, with the number of the replay and no headers of the failure', async () => {
    await world.operator.replay(id, { force: false });
    await world.clock.advance(0);
    const [original, replay] = world.messages;
    expect(replay?.value).to.deep.equal(original?.value);
    expect(replay?.key?.toString()).to.equal('till');
    expect(replay?.headers).to.deep.equal({
      'content-type': 'application/json',
      'postrider.message-id': id,
      'postrider.sent-at': new Date(message.sentAt).toISOString(),
      'postrider.replays': '1',
    });
    expect(await world.deliver(1)).to.deep.equal({ kind: 'stored', number: 1 });
    expect(await world.failure(id)).to.include({ state: 'resolved', resolution: 'stored' });
  });

  it('publishes a correction as a new message that names the original', async () => {
    const { correction } = await world.operator.correct(id, { message: 'corrected' }, 'me');
    await world.clock.advance(0);
    const record = world.messages[1]!;
    expect(record.headers).to.deep.include({
      'postrider.message-id': correction!.id,
      'postrider.corrects': id,
    });
    expect(record.headers).not.to.have.property('postrider.replays');
    await world.deliver(1);
    const stored = (await world.ledger.find(correction!.id))?.message;
    expect(stored).to.include({ message: 'corrected', corrects: id, from: 'shop' });
    expect(await world.failure(id)).to.include({ state: 'resolved', resolution: 'superseded' });
  });

  it('marks replays as published a second later, unless their messages were stored', async () => {
    const other = aMessage({ from: 'shop', to: 'till' });
    await world.fail(other);
    const amended: (readonly string[])[] = [];
    const amendAll = world.ledger.amendAll.bind(world.ledger);
    world.ledger.amendAll = (ids, change) => {
      amended.push(ids);
      return amendAll(ids, change);
    };
    const outbox = world.newOutbox();
    const replays = [
      await world.operator.replay(id, { force: false }),
      await world.operator.replay(other.id, { force: false }),
    ];
    amended.length = 0;
    expect(await outbox.publish(replays)).to.equal(true);
    await world.deliver(2);
    await world.clock.advance(999);
    expect(amended).to.deep.equal([]);
    expect(await world.failure(other.id)).to.have.property('lease');
    await world.clock.advance(1);
    expect(amended.flat()).to.include(other.id).and.not.include(id);
    expect(await world.failure(other.id))
      .to.include({ state: 'replaying' })
      .and.not.have.property('lease');
    await outbox.stop();
  });

  it('does not mark a later replay with the same lease, which was not published', async () => {
    await world.operator.replay(id, { force: false });
    await world.clock.advance(0);
    await world.deliver(1, 'it failed again');
    world.publishing = 'lost';
    const second = await world.operator.replay(id, { force: false });
    await world.clock.advance(2_000);
    expect(await world.failure(id)).to.include({ replays: 2, lease: second.lease });
  });

  it('does not mark a later correction with the same lease, which was not published', async () => {
    await world.operator.replay(id, { force: false });
    await world.clock.advance(0);
    await world.deliver(1, 'it failed again');
    world.publishing = 'lost';
    const { lease } = await world.operator.correct(id, { message: 'corrected' }, 'me');
    await world.clock.advance(2_000);
    expect(await world.failure(id)).to.include({ state: 'correcting', lease });
  });

  it('marks the replays that it has published before it stops', async () => {
    const outbox = world.newOutbox();
    await outbox.publish([await world.operator.replay(id, { force: false })]);
    expect(await world.failure(id)).to.have.property('lease');
    await outbox.stop();
    expect(await world.failure(id))
      .to.include({ state: 'replaying' })
      .and.not.have.property('lease');
  });

  it('reports whether the log has answered for all failures', async () => {
    world.publishing = 'lost';
    const replay = await world.operator.replay(id, { force: false });
    expect(await world.newOutbox().publish([replay])).to.equal(false);
    world.publishing = 'too-large';
    expect(await world.newOutbox().publish([replay])).to.equal(true);
  });

  it('publishes failures that another process left, after their lease has expired', async () => {
    world.publishing = 'lost';
    await world.operator.replay(id, { force: false });
    await world.clock.advance(REPLAY_RULES.leaseMs - 1);
    world.publishing = 'confirmed';
    const other = world.newOutbox();
    other.start();
    await world.clock.advance(0);
    expect(world.messages).to.have.lengthOf(1);
    await world.clock.advance(5_000);
    expect(world.messages).to.have.lengthOf(2);
    await other.stop();
    expect(world.clock.pendingTimers).to.equal(0);
  });

  it('publishes once if the transaction of an action was repeated', async () => {
    const operator = world.operatorOn(repeating(world.ledger));
    expect(await operator.replay(id, { force: false })).to.include({ state: 'replaying', replays: 1 });
    await world.clock.advance(0);
    expect(world.messages).to.have.lengthOf(2);
    await world.deliver(1, 'it failed again');
    expect(await operator.correct(id, { message: 'better' }, 'me')).to.include({ state: 'correcting' });
    await world.clock.advance(0);
    expect(world.messages).to.have.lengthOf(3);
  });

  it('publishes nothing for an action whose replay has already ended', async () => {
    const settling = {
      amend: async (...[ofId, change]: Parameters<Ledger['amend']>) => {
        await world.ledger.amend(ofId, change);
        await world.continueInNewProcess();
        await world.deliver(1);
        return world.ledger.amend(ofId, change);
      },
    };
    const found = await world.operatorOn(settling).replay(id, { force: false });
    expect(found).to.include({ state: 'resolved', resolution: 'stored' });
    await world.clock.advance(0);
    expect(world.messages).to.have.lengthOf(2);
  });

  it('returns a failure to unresolved if the log rejects it as too large', async () => {
    world.publishing = 'too-large';
    await world.operator.replay(id, { force: false });
    await world.clock.advance(0);
    expect(await world.failure(id)).to.include({
      state: 'unresolved',
      code: 'message-too-large',
      replays: 1,
    });
  });

  it('logs failed reads and writes, and tries again', async () => {
    const logger = new RecordingLogger();
    const away = () => Promise.reject(new DependencyUnavailable('store', undefined));
    let isAway = true;
    const { ledger, failures, codec, clock } = world;
    const outbox = new ReplayOutbox(
      {
        amendAll: (...args) => (isAway ? away() : ledger.amendAll(...args)),
      },
      {
        overdue: (...args) => (isAway ? away() : failures.overdue(...args)),
        leased: failures.leased.bind(failures),
      },
      { send: () => Promise.resolve() },
      ...([codec, REPLAY_RULES.leaseMs, clock, logger, silentTelemetry] as const),
    );
    world.publishing = 'lost';
    await outbox.publish([await world.operator.replay(id, { force: false })]);
    outbox.start();
    await clock.advance(1_000);
    expect(logger.events()).to.deep.equal(['replay.not-taken-up', 'replay.not-noted']);
    isAway = false;
    await clock.advance(REPLAY_RULES.leaseMs + 5_000);
    expect(await world.failure(id))
      .to.include({ state: 'replaying' })
      .and.not.have.property('lease');
    await outbox.stop();
  });
});
