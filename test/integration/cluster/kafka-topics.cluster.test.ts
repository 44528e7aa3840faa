import { expect } from 'chai';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import type { LocalKafkaCluster } from '../../../scripts/stack/local-kafka-cluster.js';
import { newKafkaCluster } from '../../../scripts/stack/servers.js';
import { eventually } from '../../support/eventually.js';
import { kafkaProcess, kafkaSettings, type KafkaProcess } from '../kafka/kafka-log-under-test.js';

describe('Topics on a cluster of several brokers', function () {
  this.timeout(150_000);
  let cluster: LocalKafkaCluster;
  let admin: Admin;
  let process: KafkaProcess;

  before(async () => {
    cluster = await newKafkaCluster({ size: 2 });
    await cluster.start();
    const brokers = cluster.nodes.map(({ address }) => address);
    admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });

  after(async () => {
    await admin?.disconnect();
    await cluster?.remove();
  });
  afterEach(() => process.close());

  const warningsWith = async (replication: number): Promise<readonly string[]> => {
    const settings = kafkaSettings(cluster.nodes[0]!.address, { replication });
    process = kafkaProcess(settings);
    await eventually(() => process.connection.status().state !== 'down');
    const { state, warnings = [] } = process.connection.status();
    expect(state).to.equal(warnings.length > 0 ? 'degraded' : 'up');
    const { messages, deadLetters } = settings.topics;
    return warnings.map((line) => line.replace(messages, 'mail').replace(deadLetters, 'dead'));
  };
  const weakSettings = (): unknown[] =>
    process.logger.lines
      .filter(({ event }) => event === 'log.topic-weak')
      .map(({ fields }) => fields['setting']);

  it('cause a warning when they are created with one replica', async () => {
    expect(await warningsWith(1)).to.deep.equal([
      'mail: replication is 1, 2 is advised',
      'dead: replication is 1, 2 is advised',
    ]);
    expect(weakSettings()).to.deep.equal(['replication', 'replication']);
  });

  it('cause a warning while one of two replicas can confirm alone, until both must', async () => {
    expect(await warningsWith(2)).to.deep.equal([
      'mail: min.insync.replicas is 1, 2 is advised',
      'dead: min.insync.replicas is 1, 2 is advised',
    ]);
    const { topics } = process.connection.settings;
    for (const name of Object.values(topics)) {
      const configEntries = [{ name: 'min.insync.replicas', value: '2' }];
      const resources = [{ type: ConfigResourceTypes.TOPIC, name, configEntries }];
      await admin.alterConfigs({ validateOnly: false, resources });
    }
    await process.close();
    process = kafkaProcess(process.connection.settings);
    await eventually(() => process.connection.status().state === 'up');
    expect(process.connection.status()).not.to.have.property('warnings');
  });
});
