import { expect } from 'chai';
import { InMemoryAlerts } from '../../support/memory/in-memory-alerts.js';
import { JsonRecordCodec } from '../../../src/adapters/codec/json-record-codec.js';
import { AlertDelivery } from '../../../src/application/alerts/alert-delivery.js';
import { AlertWatcher } from '../../../src/application/alerts/alert-watcher.js';
import type { SendFailed } from '../../../src/application/errors.js';
import { BulkReplays } from '../../../src/application/failures/bulk-replays.js';
import { ReplayRunner } from '../../../src/application/failures/replay-runner.js';
import type { GroupSummary } from '../../../src/application/ports/failures.js';
import { InvalidSends } from '../../../src/application/sending/invalid-sends.js';
import { SendQueue } from '../../../src/application/sending/queue/send-queue.js';
import type { Alert } from '../../../src/domain/alerts/alert.js';
import { InvalidMessage } from '../../../src/domain/message-rules.js';
import { aMessage, identities } from '../../support/builders.js';
import { failInStore } from '../../support/failures/failures-in-store.js';
import { FailureWorld, REPLAY_RULES } from '../../support/failures/failure-world.js';
import { cachedGroups } from '../../support/failures/counted-groups.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Following } from '../../support/inbox/following.js';
import { countingIds, DeferredLog, RecordingSender, RecordingTelemetry } from '../../support/recorders.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const HOUR = 3_600_000;
const TIMEOUT_MS = 5_000;
const NO_MESSAGE = new InvalidMessage([{ field: 'message', detail: 'Path `message` is required.' }]);

const steps = [
  { direction: 'back by an hour', step: -HOUR },
  { direction: 'ahead by an hour', step: HOUR },
];

for (const { direction, step } of steps) {
  describe(`When the wall clock is set ${direction}`, () => {
    let clock: FakeClock;

    beforeEach(() => {
      clock = new FakeClock();
    });

    describe('a queued send', () => {
      let queue: SendQueue;

      beforeEach(() => {
        queue = new SendQueue(new DeferredLog(), clock, { timeoutMs: TIMEOUT_MS });
      });

      const send = async (): Promise<string> => {
        const record = { key: null, value: Buffer.from('v'), headers: {} };
        return queue.send(record).then(
          () => 'sent',
          (error: unknown) => (error as SendFailed).outcome,
        );
      };

      it('keeps its deadline, whether it waits or is in flight', async () => {
        const answers: string[] = [];
        for (const name of ['on its way', 'waiting'])
          void send().then((outcome) => answers.push(`${name}: ${outcome}`));
        clock.stepWall(step);
        await clock.advance(TIMEOUT_MS - 1);
        expect(answers).to.deep.equal([]);
        await clock.advance(1);
        expect(answers).to.have.members(['on its way: unknown', 'waiting: not-sent']);
      });

      it('keeps its deadline when the timer of an earlier send fires after the step', async () => {
        const early = send();
        await clock.advance(3_000);
        const answers: string[] = [];
        void send().then((outcome) => answers.push(outcome));
        clock.stepWall(step);
        await clock.advance(2_000);
        expect(await early).to.equal('unknown');
        await clock.advance(2_999);
        expect(answers).to.deep.equal([]);
        await clock.advance(1);
        expect(answers).to.deep.equal(['not-sent']);
      });
    });

    it('a long poll ends on time', async () => {
      const following = new Following();
      let isAnswered = false;
      void following.poll({ waitMs: 30_000 }).then(() => (isAnswered = true));
      following.clock.stepWall(step);
      await following.clock.advance(29_999);
      expect(isAnswered).to.equal(false);
      await following.clock.advance(1);
      expect(isAnswered).to.equal(true);
    });

    it('invalid sends are recorded at their rate', async () => {
      const log = new RecordingSender();
      const { telemetry } = new RecordingTelemetry();
      const codec = new JsonRecordCodec(identities, 10);
      const settings = { messageMaxLength: 10, recordsPerSecond: 2 };
      const invalidSends = new InvalidSends(settings, log, codec, countingIds, identities, clock, telemetry);
      const record = (): Promise<void> => invalidSends.record({ from: 'a', to: 'b' }, NO_MESSAGE);
      for (let n = 0; n < 3; n += 1) await record();
      clock.stepWall(step);
      await record();
      expect(log.sent).to.have.lengthOf(2);
      await clock.advance(1_000);
      for (let n = 0; n < 3; n += 1) await record();
      expect(log.sent).to.have.lengthOf(4);
    });

    it('group counts are cached for a second', async () => {
      let counts = 0;
      const count = (): Promise<GroupSummary[]> => {
        counts += 1;
        return Promise.resolve([]);
      };
      const cached = cachedGroups({ groups: count }, clock);
      await cached.groups();
      clock.stepWall(step);
      await clock.advance(999);
      await cached.groups();
      expect(counts).to.equal(1);
      await clock.advance(1);
      await cached.groups();
      expect(counts).to.equal(2);
    });

    it('a new group of failures is alerted within seconds', async () => {
      const world = new FailureWorld();
      const { failures, ledger, clock: worldClock } = world;
      const reasons: string[] = [];
      const channel = {
        deliver: ({ data: { reason } }: Alert) => Promise.resolve(void reasons.push(reason)),
        close: () => undefined,
      };
      const [outbox, logger] = [new InMemoryAlerts(), new RecordingLogger()];
      const delivery = new AlertDelivery(outbox, channel, worldClock, logger);
      const parts = [outbox, delivery, failures, failures, ledger, 2 * HOUR, worldClock, logger] as const;
      const watcher = new AlertWatcher(...parts);
      watcher.start();
      await worldClock.advance(6_000);
      worldClock.stepWall(step);
      await failInStore(world, { reason: 'broke' });
      await worldClock.advance(6_000);
      expect(reasons).to.deep.equal(['broke']);
      await watcher.stop();
    });

    it('a bulk replay keeps to its rate', async () => {
      const world = new FailureWorld();
      for (let n = 0; n < 40; n += 1) await world.fail(aMessage({ from: 'shop' }));
      await world.clock.advance(10);
      const before = world.messages.length;
      const { failures, ledger, clock: worldClock } = world;
      const desk = new BulkReplays(failures, failures, countingIds, worldClock, () => undefined);
      await desk.begin({ filter: { from: 'shop' }, rate: 8, by: 'me' });
      const logger = new RecordingLogger();
      const parts = [failures, failures, ledger, world.newOutbox(), REPLAY_RULES] as const;
      const runner = new ReplayRunner(...parts, worldClock, logger, countingIds);
      runner.start();
      await worldClock.advance(1_000);
      worldClock.stepWall(step);
      await worldClock.advance(2_000);
      expect(world.messages.length - before).to.be.within(20, 26);
      const stopped = runner.stop();
      await worldClock.advance(1_000);
      await stopped;
    });
  });
}
