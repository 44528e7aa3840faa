import { createRequire } from 'node:module';
import { expect } from 'chai';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { steadyTimes } from '../../../../../src/adapters/kafka/kafkajs-patches/steady-times.js';

const require = createRequire(import.meta.url);
const RequestQueue = require('kafkajs/src/network/requestQueue/index.js');
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup.js');
const BrokerPool = require('kafkajs/src/cluster/brokerPool.js');

const HOUR = 3_600_000;
const NOW = 1_770_000_000_000;
const logger = { debug: () => undefined, namespace: (): unknown => logger };

for (const { direction, step } of [
  { direction: 'back by an hour', step: -HOUR },
  { direction: 'ahead by an hour', step: HOUR },
]) {
  describe(`kafkajs, with a wall clock that is set ${direction}`, () => {
    let clock: SinonFakeTimers;

    before(steadyTimes);

    beforeEach(() => {
      const toFake = [
        'Date',
        'performance',
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
      ] as const;
      clock = useFakeTimers({ now: NOW, toFake: [...toFake] });
    });
    afterEach(() => {
      clock.restore();
    });

    const stepWall = (): void => {
      clock.setSystemTime(Date.now() + step);
    };

    function aQueue() {
      const queue = new RequestQueue({ logger, requestTimeout: 1_000, enforceRequestTimeout: true });
      queue.scheduleRequestTimeoutCheck();
      let correlationId = 0;
      const send = () => {
        const state: { sent: boolean; error?: Error } = { sent: false };
        correlationId += 1;
        const reject = (error: Error): void => void (state.error = error);
        const entry = { correlationId, apiName: 'Fetch', resolve: () => undefined, reject };
        queue.push({ entry, expectResponse: true, sendRequest: () => (state.sent = true) });
        return state;
      };
      return { queue, send };
    }

    it('times out a request at the right time', () => {
      const { queue, send } = aQueue();
      const request = send();
      stepWall();
      clock.tick(900);
      expect(request.error).to.equal(undefined);
      clock.tick(300);
      expect(request.error?.name).to.equal('KafkaJSRequestTimeoutError');
      queue.destroy();
    });

    it('throttles requests for as long as a broker has asked', () => {
      const { queue, send } = aQueue();
      queue.maybeThrottle(500);
      stepWall();
      const request = send();
      clock.tick(490);
      expect(request.sent).to.equal(false);
      clock.tick(20);
      expect(request.sent).to.equal(true);
      queue.destroy();
    });

    it('sends a heartbeat when one is due, and not before', async () => {
      let heartbeats = 0;
      const heartbeat = async (): Promise<void> => void (heartbeats += 1);
      const group = new ConsumerGroup({ logger, instrumentationEmitter: { emit: () => undefined } });
      Object.assign(group, { memberId: 'member', coordinator: { heartbeat } });
      stepWall();
      clock.tick(999);
      await group.heartbeat({ interval: 1_000 });
      expect(heartbeats).to.equal(0);
      clock.tick(1);
      await group.heartbeat({ interval: 1_000 });
      await group.heartbeat({ interval: 1_000 });
      expect(heartbeats).to.equal(1);
    });

    it('refreshes metadata when they expire, and not before', async () => {
      let asked = 0;
      const pool = new BrokerPool({ logger, metadataMaxAge: 10_000, connectionPoolBuilder: {} });
      const metadata = async () => {
        asked += 1;
        return { brokers: [], topicMetadata: [] };
      };
      const broker = { metadata, isConnected: () => true, connectionPool: { host: 'h', port: 1 } };
      Object.assign(pool, { seedBroker: broker });
      pool.findConnectedBroker = async () => broker;
      await pool.refreshMetadataIfNecessary([]);
      stepWall();
      clock.tick(9_999);
      await pool.refreshMetadataIfNecessary([]);
      expect(asked).to.equal(1);
      clock.tick(2);
      await pool.refreshMetadataIfNecessary([]);
      expect(asked).to.equal(2);
      pool.metadataExpireAt = null;
      expect(pool.metadataExpireAt).to.equal(null);
    });
  });
}
