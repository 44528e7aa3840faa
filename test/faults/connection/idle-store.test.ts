import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { MongoServer, Server } from '../../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../../scripts/stack/servers.js';
import { eventually } from '../../support/eventually.js';
import { SpawnedProgram } from '../../support/program/spawned-program.js';
import { MongoFaultStore } from '../stores/mongo-store.js';

const RESTARTS = 8;
/** Enough for the ledger to read optimistically: a settlement then begins with a bulk write. */
const WARM_UP = 30;

describe('A receiver without an api, whose MongoDB is killed while nothing arrives', function () {
  this.timeout(180_000);
  let kafka: Server;
  let mongo: MongoServer;
  let receiver: SpawnedProgram;
  let producer: Producer;
  let store: MongoFaultStore;
  let topic: string;

  before(async () => {
    kafka = await newKafka();
    mongo = await newMongo();
    await Promise.all([kafka.start(), mongo.start()]);
    const name = `faults-${randomUUID().slice(0, 8)}`;
    topic = `${name}-messages`;
    store = new MongoFaultStore(mongo.address, `${name}-test`);
    receiver = await SpawnedProgram.start({
      KAFKA_BROKER: kafka.address,
      KAFKA_TOPIC: topic,
      KAFKA_DLQ_TOPIC: `${name}-dlq`,
      KAFKA_GROUP_PREFIX: name,
      MONGODB_URI: `${mongo.address}/${name}-test?directConnection=true`,
      ROLES: 'receiver',
      // With this setting, one counted attempt is one dead letter.
      RETRY_MAX: '0',
      LOG_LEVEL: 'warn',
    });
    const client = new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING });
    producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
  });

  after(async () => {
    await producer.disconnect();
    receiver.kill('SIGKILL');
    await Promise.all([receiver.ended, store.close()]);
    await Promise.all([kafka.remove(), mongo.remove()]);
  });

  const write = async (message: string): Promise<void> => {
    const value = JSON.stringify({ from: 'load', to: 'clientB', message });
    await producer.send({ topic, acks: -1, messages: [{ key: 'clientB', value }] });
  };

  const metric = async (name: string): Promise<number> => {
    const metrics = await (await fetch(`${receiver.url}/metrics`)).text();
    const values = [...metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))];
    expect(values, name).not.to.deep.equal([]);
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  };

  const stored = async (count: number): Promise<void> => {
    await eventually(
      async () => {
        expect(await metric('postrider_dead_letters_total'), receiver.stderr).to.equal(0);
        return (await metric('postrider_messages_stored_total')) >= count;
      },
      () => `fewer than ${String(count)} stored: ${receiver.stderr}`,
      60_000,
    );
  };

  it('counts no attempt and dead-letters nothing, over eight restarts', async () => {
    const sent: string[] = [];
    const send = async (message: string): Promise<void> => {
      sent.push(message);
      await write(message);
    };
    for (let n = 1; n <= WARM_UP; n += 1) {
      await send(`warm-up ${String(n)}`);
      await stored(n);
    }
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await mongo.kill();
      await send(`while restart ${String(restart)} is under way`);
      await sleep(1_500 + (restart * 1_500) / (RESTARTS - 1));
      await mongo.start();
      await stored(sent.length);
    }
    expect((await store.stored()).get('clientB')).to.deep.equal(sent);
    expect(await metric('postrider_retries_total')).to.equal(0);
    expect(await store.failed()).to.deep.equal([]);
  });
});
