import { expect } from 'chai';
import { DockerKafka } from '../../../../scripts/stack/docker-kafka.js';
import { DockerMongo } from '../../../../scripts/stack/docker-mongo.js';
import { FakeDocker } from './fake-docker.js';

describe('A server in Docker', () => {
  let docker: FakeDocker;

  beforeEach(async () => {
    docker = await FakeDocker.install();
  });

  afterEach(() => docker.remove());

  /** The first start fails after the first call, because there is no server in the fake container. */
  async function firstCall(server: DockerKafka | DockerMongo): Promise<string> {
    await docker.failOn('run -d');
    await server.start().catch(() => undefined);
    const [run = ''] = await docker.called();
    await server.remove();
    return run;
  }

  it('publishes the port of Kafka on loopback, and advertises the requested port', async () => {
    const run = await firstCall(await DockerKafka.create({ port: 20_001, advertisedPort: 20_002 }));
    expect(run).to.include('-p 127.0.0.1:20001:20001 ').and.to.include('apache/kafka:4.1.0');
    expect(run).to.include('listeners=PLAINTEXT://0.0.0.0:20001,');
    expect(run).to.include('advertised.listeners=PLAINTEXT://127.0.0.1:20002\n');
  });

  it('passes the settings, the format options and the heap of a Kafka with access control', async () => {
    const run = await firstCall(
      await DockerKafka.create({
        port: 20_001,
        secured: { SASL_PLAINTEXT: 20_004 },
        properties: { 'sasl.enabled.mechanisms': 'PLAIN' },
        formatArgs: ['--add-scram', 'SCRAM-SHA-256=[name=a,password=b]'],
        heap: '300m',
      }),
    );
    expect(run).to.include('-p 127.0.0.1:20001:20001 -p 127.0.0.1:20004:20004 ');
    expect(run).to.include(
      'advertised.listeners=PLAINTEXT://127.0.0.1:20001,SASL_PLAINTEXT://127.0.0.1:20004\n',
    );
    expect(run).to.include('sasl.enabled.mechanisms=PLAIN\n').and.to.include('KAFKA_HEAP_OPTS=-Xmx300m');
    expect(run).to.match(/ start --add-scram SCRAM-SHA-256=\[name=a,password=b\]$/);
  });

  it('is one MongoDB replica set, published on loopback', async () => {
    const run = await firstCall(await DockerMongo.create({ port: 20_003 }));
    expect(run).to.include('-p 127.0.0.1:20003:27017 mongo:7 ').and.to.include('--replSet rs0');
    expect(run).not.to.include('--keyFile');
  });

  it('is a standalone MongoDB on request', async () => {
    expect(await firstCall(await DockerMongo.create({ replicaSet: false }))).not.to.include('--replSet');
  });

  it('has a key and an administrator if MongoDB has access control', async () => {
    const mongo = await DockerMongo.create({ auth: true });
    expect(mongo.adminAddress).to.equal(mongo.address.replace('//', '//admin:admin@'));
    expect(await firstCall(mongo)).to.match(/-e KEY=\S+ mongo:7 .*--keyFile/s);
  });

  it('creates the MongoDB administrator inside the container, the only place where that is allowed', async () => {
    const mongo = await DockerMongo.create({ auth: true });
    await docker.failOn('mongosh');
    await mongo.start().catch(() => undefined);
    await mongo.remove();
    const exec = (await docker.called())[1] ?? '';
    expect(exec).to.match(new RegExp(`^exec ${mongo.name} mongosh --quiet --eval `));
    expect(exec).to.include('rs.initiate').and.to.include('createUser');
  });
});
