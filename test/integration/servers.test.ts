import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { askMongo } from '../../scripts/stack/ask.js';
import { LocalMongo } from '../../scripts/stack/local-mongo.js';
import { eventually } from '../support/eventually.js';
import { checkedDatabase } from '../support/servers/test-servers.js';

const MODULE = fileURLToPath(new URL('../../scripts/stack/local-mongo.ts', import.meta.url));

const START_AND_WAIT = `
  const { LocalMongo } = await import(${JSON.stringify(MODULE)});
  const mongo = await LocalMongo.create({ replicaSet: false });
  await mongo.start();
  console.log(mongo.pid, mongo.folder);
  setInterval(() => undefined, 1000);
`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('The servers of tests and benchmarks', () => {
  it('come back after a kill, on the same port with the same data', async () => {
    const mongo = await LocalMongo.create();
    try {
      await mongo.start();
      const { pid } = mongo;
      await mongo.kill();
      const gone: unknown = await askMongo(mongo.address).catch((reason: unknown) => reason);
      expect(gone).to.be.instanceOf(Error);
      await mongo.start();
      expect(mongo.pid).not.to.equal(pid);
      await askMongo(mongo.address, true);
    } finally {
      await mongo.remove();
    }
  });

  it('end with the process that started them, also when that one is killed', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', START_AND_WAIT]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => output.includes('\n'));
    const [, pid = '', folder = ''] = /^(\d+) (.*)\n/.exec(output) ?? [];
    expect(isAlive(Number(pid))).to.equal(true);
    child.kill('SIGKILL');
    await eventually(() => !isAlive(Number(pid)) && !existsSync(folder));
  });

  it("refuse a database that could be somebody's", () => {
    expect(() => checkedDatabase('messaging-db')).to.throw('has no "test" in its name');
  });
});
