import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { eventually } from '../../../support/eventually.js';
import { FakeDocker } from './fake-docker.js';

const STACK = fileURLToPath(new URL('../../../../scripts/stack/', import.meta.url));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('The servers of a process that dies', function () {
  this.timeout(30_000);

  /** Runs the script until it has printed a line, kills it without warning, and returns the line. */
  async function dieAfter(script: string): Promise<string> {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => output.includes('\n'));
    child.kill('SIGKILL');
    return output.trim();
  }

  it('end with it, and leave no temporary folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-guard-'));
    const line = await dieAfter(`
      import { ServerProcess } from ${JSON.stringify(join(STACK, 'server-process.ts'))};
      import { guardFolder } from ${JSON.stringify(join(STACK, 'guard.ts'))};
      guardFolder(${JSON.stringify(folder)});
      const server = new ServerProcess('sleep', ['600'], ${JSON.stringify(join(folder, 'log'))});
      server.start();
      console.log(server.pid);
      setInterval(() => undefined, 1000);`);
    expect(Number(line)).to.be.greaterThan(0);
    await eventually(() => !isAlive(Number(line)) && !existsSync(folder));
  });

  it('leave no temporary folder if they were killed first', async () => {
    const folder = await dieAfter(`
      import { LocalMongo } from ${JSON.stringify(join(STACK, 'local-mongo.ts'))};
      console.log((await LocalMongo.create()).folder);
      setInterval(() => undefined, 1000);`);
    expect(folder).to.include('postrider-mongodb-');
    await eventually(() => !existsSync(folder));
  });

  it('end with it in Docker too', async () => {
    const docker = await FakeDocker.install();
    const line = await dieAfter(`
      import { guardServer, unguardServer } from ${JSON.stringify(join(STACK, 'guard.ts'))};
      guardServer('removed-in-time');
      guardServer('some-container');
      unguardServer('removed-in-time');
      console.log('guarded');
      setInterval(() => undefined, 1000);`);
    expect(line).to.equal('guarded');
    await eventually(async () => (await docker.called()).length > 0);
    expect(await docker.called()).to.deep.equal(['rm -f -v some-container']);
    await docker.remove();
  });
});
