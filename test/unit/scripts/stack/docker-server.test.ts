import { expect } from 'chai';
import { serverKind } from '../../../../scripts/stack/availability.js';
import { DockerKafka } from '../../../../scripts/stack/docker-kafka.js';
import { DockerMongo } from '../../../../scripts/stack/docker-mongo.js';
import { DockerStack } from '../../../../scripts/stack/docker-stack.js';
import { freePort } from '../../../../scripts/stack/free-port.js';
import { FakeDocker } from './fake-docker.js';

const ping = (): Promise<void> => Promise.resolve();

describe('Servers in Docker', () => {
  let docker: FakeDocker;

  beforeEach(async () => {
    docker = await FakeDocker.install();
  });

  afterEach(() => docker.remove());

  it('are chosen if docker and compose answer and docker has the images', async () => {
    expect(await serverKind(undefined)).to.equal('docker');
    expect(await docker.called()).to.deep.equal([
      'compose version',
      'info',
      'image inspect apache/kafka:4.1.0 mongo:7',
    ]);
  });

  it('are not chosen without images if local processes are possible', async () => {
    await docker.failOn('image inspect');
    const isLocalPossible = (await serverKind('local')) === 'local';
    expect(await serverKind(undefined)).to.equal(isLocalPossible ? 'local' : 'docker');
    expect(await serverKind('docker')).to.equal('docker');
  });

  it('are not chosen if the daemon does not answer', async () => {
    await docker.failOn('info');
    expect(await serverKind(undefined)).not.to.equal('docker');
    expect(await serverKind('docker')).to.deep.equal({ missing: 'a running Docker with Compose' });
  });

  it('are created once, and later restarted with their data', async () => {
    const kafka = await DockerKafka.create({ ping });
    await kafka.start();
    await kafka.kill();
    await kafka.start();
    await kafka.remove();
    const calls = await docker.called();
    expect(calls[0]).to.match(new RegExp(`^run -d --name ${kafka.name} `));
    expect(calls.slice(1)).to.deep.equal([
      `kill -s KILL ${kafka.name}`,
      `start ${kafka.name}`,
      `rm -f -v ${kafka.name}`,
    ]);
  });

  it('are stopped, paused and resumed by name', async () => {
    const server = await DockerMongo.create();
    await server.stop();
    await server.pause();
    await server.resume();
    expect(await docker.called()).to.deep.equal([
      `stop ${server.name}`,
      `pause ${server.name}`,
      `unpause ${server.name}`,
    ]);
  });

  it('report the end of their log if they do not start', async () => {
    const kafka = await DockerKafka.create({ ping: () => Promise.reject(new Error('refused')) });
    const error: unknown = await kafka.start().catch((reason: unknown) => reason);
    await kafka.remove();
    expect(String(error)).to.include('did not start: the last words');
  });

  it('start for developers through docker-compose.yml, and stop', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const stack = new DockerStack(nowhere, `mongodb://${nowhere}`);
    const error: unknown = await stack.up().catch((reason: unknown) => reason);
    expect(error, 'they do not answer after all').to.be.instanceOf(Error);
    await stack.down();
    expect(await docker.called()).to.deep.equal([
      'compose up -d --wait kafka mongodb',
      'compose stop kafka mongodb',
    ]);
  });
});
