import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { serverKind } from '../../../scripts/stack/availability.js';
import { DockerKafka, DockerMongo } from '../../../scripts/stack/docker-server.js';
import { dockerStack } from '../../../scripts/stack/docker-stack.js';

describe('Servers in Docker', () => {
  let folder: string;
  let calls: string;
  const path = process.env['PATH'];

  /** A `docker` that writes down how it was called, and fails where the test wants it to. */
  async function install(failing = 'nothing'): Promise<void> {
    const script = `#!/bin/sh\necho "$*" >> ${calls}\ncase "$*" in *"${failing}"*) exit 1;; esac\n`;
    await writeFile(join(folder, 'docker'), script);
    await chmod(join(folder, 'docker'), 0o755);
  }

  const called = async (): Promise<string[]> => (await readFile(calls, 'utf8')).trim().split('\n');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-docker-'));
    calls = join(folder, 'calls');
    process.env['PATH'] = `${folder}${delimiter}${String(path)}`;
    await install();
  });

  afterEach(async () => {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true });
  });

  it('are chosen where docker and its compose both answer', async () => {
    expect(await serverKind(undefined)).to.equal('docker');
    expect(await called()).to.deep.equal(['compose version', 'info']);
  });

  it('are not chosen where the daemon does not answer', async () => {
    await install('info');
    expect(await serverKind(undefined)).not.to.equal('docker');
    expect(await serverKind('docker')).to.deep.equal({ missing: 'a running Docker with Compose' });
  });

  it('are stopped, killed, held still and removed by name', async () => {
    const kafka = await DockerKafka.create();
    const name = `postrider-test-kafka-${String(kafka.port)}`;
    await kafka.kill();
    await kafka.stop();
    await kafka.pause();
    await kafka.resume();
    await kafka.remove();
    expect(await called()).to.deep.equal([
      `kill -s KILL ${name}`,
      `stop ${name}`,
      `pause ${name}`,
      `unpause ${name}`,
      `rm -f -v ${name}`,
    ]);
  });

  it('publish their port on loopback only', async () => {
    const mongo = await DockerMongo.create();
    await install('run');
    await mongo.start().catch(() => undefined);
    const [run] = await called();
    expect(run).to.include(`-p 127.0.0.1:${String(mongo.port)}:27017 mongo:7 --replSet rs0`);
  });

  it('come up for developers through docker-compose.yml', async () => {
    await install('compose up');
    const error: unknown = await dockerStack.up().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    await dockerStack.down();
    expect(await called()).to.deep.equal([
      'compose up -d --wait kafka mongodb',
      'compose stop kafka mongodb',
    ]);
  });
});
