import { expect } from 'chai';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import type { KafkaSettings } from '../../../../src/adapters/kafka/kafka-settings.js';
import { SendFailed } from '../../../../src/application/errors.js';
import { aRecord, append, Readers } from '../../../contract/log/log-under-test.js';
import { eventually } from '../../../support/eventually.js';
import {
  kafkaProcess,
  kafkaSettings,
  readyKafkaProcess,
  type KafkaProcess,
} from '../kafka-log-under-test.js';
import { startSecuredKafka, USER, type SecuredKafka } from './secured-kafka.js';

describe('A secured Kafka', function () {
  this.timeout(60_000);
  const readers = new Readers();
  const processes: KafkaProcess[] = [];
  let kafka: SecuredKafka;

  before(async () => {
    kafka = await startSecuredKafka();
  });

  // Undefined if it did not start; the test should report that failure.
  after(() => (kafka as SecuredKafka | undefined)?.remove());

  afterEach(async () => {
    await readers.close();
    await Promise.all(processes.splice(0).map((process) => process.close()));
  });

  const sendAndReceive = async (settings: KafkaSettings): Promise<void> => {
    const process = await readyKafkaProcess(settings);
    processes.push(process);
    await append(process.messages, aRecord('b', 'hello'));
    const { reader } = await readers.join(process.feed);
    expect(await reader.waitForRecords(1)).to.deep.equal(['hello']);
  };

  const refusal = async (settings: KafkaSettings): Promise<{ error: SendFailed; kind?: string }> => {
    const process = kafkaProcess(settings);
    processes.push(process);
    const error: unknown = await process.messages
      .append([aRecord('b', 'hello')], AbortSignal.timeout(1_000))
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SendFailed);
    await eventually(() => process.connection.status().lastError !== undefined);
    const { state, lastError } = process.connection.status();
    expect(state).to.equal('down');
    return { error: error as SendFailed, ...(lastError !== undefined && { kind: lastError }) };
  };

  it('accepts a client with the trusted authority and its own certificate', async () => {
    const { ca, client } = kafka;
    await sendAndReceive(kafkaSettings(kafka.tls, { ssl: { ca, cert: client.cert, key: client.key } }));
  });

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    it(`accepts a user name and password with ${mechanism}`, async () => {
      const { ca, sasl } = kafka;
      await sendAndReceive(kafkaSettings(sasl, { ssl: { ca }, sasl: { mechanism, ...USER } }));
    });

    it(`accepts no send with a wrong password with ${mechanism}, and the error says why`, async () => {
      const sasl = { mechanism, ...USER, password: 'wrong' };
      const { error, kind } = await refusal(kafkaSettings(kafka.sasl, { ssl: { ca: kafka.ca }, sasl }));
      expect(error.outcome).to.equal('not-sent');
      expect(kind).to.equal('KafkaJSSASLAuthenticationError');
    });
  }

  it('is not trusted without its authority, and receives nothing', async () => {
    const { error, kind } = await refusal(
      kafkaSettings(kafka.sasl, { ssl: {}, sasl: { mechanism: 'plain', ...USER } }),
    );
    expect(error.outcome).to.equal('not-sent');
    expect(kind).to.match(/SELF_SIGNED|UNABLE_TO/);
  });

  it('rejects a client without a certificate', async () => {
    const { error } = await refusal(kafkaSettings(kafka.tls, { ssl: { ca: kafka.ca } }));
    expect(error.outcome).to.equal('not-sent');
  });

  it('can be used without the right to read topic settings, with a warning', async () => {
    const settings = kafkaSettings(kafka.sasl, {
      ssl: { ca: kafka.ca },
      sasl: { mechanism: 'plain', ...USER },
    });
    const topics = Object.values(settings.topics);
    await createWithoutDescribeConfigs(kafka.plain, topics);
    await sendAndReceive(settings);
    const lines = processes[0]?.logger.lines.filter(({ event }) => event === 'log.topic-not-inspected');
    expect(lines).to.deep.equal(
      topics.map((topic) => {
        const fields = { topic, kind: 'TOPIC_AUTHORIZATION_FAILED' };
        return { level: 'warn', event: 'log.topic-not-inspected', fields };
      }),
    );
  });
});

async function createWithoutDescribeConfigs(broker: string, topics: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: topics.map((topic) => ({ topic })), waitForLeaders: true });
  const acl = topics.flatMap((resourceName) =>
    [AclOperationTypes.READ, AclOperationTypes.WRITE].map((operation) => ({
      resourceName,
      operation,
      resourceType: AclResourceTypes.TOPIC,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      permissionType: AclPermissionTypes.ALLOW,
      principal: `User:${USER.username}`,
      host: '*',
    })),
  );
  await admin.createAcls({ acl });
  await admin.disconnect();
}
