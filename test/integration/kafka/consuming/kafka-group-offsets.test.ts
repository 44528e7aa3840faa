import { expect } from 'chai';
import { Kafka, logLevel, type Admin, type Consumer } from 'kafkajs';
import { KafkaAdmin } from '../../../../src/adapters/kafka/client/kafka-admin.js';
import { KafkaGroupOffsets } from '../../../../src/adapters/kafka/consuming/offsets/kafka-group-offsets.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { freshTopic, testKafka } from '../../../support/servers/test-servers.js';

describe('KafkaGroupOffsets', function () {
  this.timeout(60_000);
  let kafka: Kafka;
  let admin: Admin;
  let asked: KafkaAdmin;
  let offsets: KafkaGroupOffsets;
  const topic = freshTopic('offsets');

  before(async () => {
    const brokers = [await testKafka()];
    kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
    asked = new KafkaAdmin({ brokers, clientId: 'postrider-test' }, new RecordingLogger());
    offsets = new KafkaGroupOffsets(asked);
  });
  after(async () => {
    await asked.close();
    await admin.disconnect();
  });

  const members: Consumer[] = [];
  afterEach(() => Promise.all(members.splice(0).map((member) => member.disconnect())));
  const join = async (groupId: string): Promise<Consumer> => {
    const consumer = kafka.consumer({ groupId });
    members.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await joined;
    return consumer;
  };

  it('finds no offsets of a group that has committed none, or in a missing topic', async () => {
    expect([...(await offsets.committed(freshTopic('group'), topic))]).to.deep.equal([]);
    const missing = freshTopic('missing');
    expect([...(await offsets.committed(freshTopic('group'), missing))]).to.deep.equal([]);
    expect(await admin.listTopics()).to.not.include(missing);
  });

  it('sets the given offsets, without a loss, and leaves other partitions unset', async () => {
    const group = freshTopic('group');
    await offsets.set(
      group,
      topic,
      new Map([
        [0, 7],
        [2, 0],
      ]),
    );
    expect([...(await offsets.committed(group, topic))]).to.have.deep.members([
      [0, 7],
      [2, 0],
    ]);
    const [{ partitions }] = (await admin.fetchOffsets({ groupId: group, topics: [topic] })) as [
      Awaited<ReturnType<Admin['fetchOffsets']>>[number],
    ];
    expect(partitions.map(({ metadata }) => metadata ?? '').join('')).to.equal('');
    expect(await offsets.hasMembers(group)).to.equal(false);
    await offsets.set(group, topic, new Map([[1, 5]]));
    expect([...(await offsets.committed(group, topic))]).to.have.deep.members([
      [0, 7],
      [1, 5],
      [2, 0],
    ]);
  });

  it('reports whether a group has members, and sets no offsets if it has', async () => {
    const group = freshTopic('group');
    expect(await offsets.hasMembers(group)).to.equal(false);
    await join(group);
    expect(await offsets.hasMembers(group)).to.equal(true);
    const refusal = await offsets.set(group, topic, new Map([[0, 7]])).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(DependencyUnavailable);
    expect([...(await offsets.committed(group, topic))]).to.deep.equal([]);
  });

  it('is unavailable if the log does not answer', async () => {
    const nobody = new KafkaAdmin({ brokers: ['127.0.0.1:9'], clientId: 'x' }, new RecordingLogger());
    const refusal = await new KafkaGroupOffsets(nobody).committed('group', topic).catch((e: unknown) => e);
    expect(refusal).to.be.instanceOf(DependencyUnavailable);
    await nobody.close();
  });
});
