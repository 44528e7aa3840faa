import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { freePort } from '../../../scripts/stack/free-port.js';
import { Conversation } from '../../support/clients/conversation.js';
import { partOf } from '../../support/docs/documents.js';
import { ServiceSettings } from '../../support/docs/systemd-unit.js';
import { plainEnvironment } from '../../support/program/plain-environment.js';
import { temporaryFolder } from '../../support/program/spawned-program.js';

const DOCUMENT = 'docs/production.md';
const IN_CHECKOUT = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json'];
const service = new ServiceSettings();

/** Runs the commands of one part of the document in the checkout, without root, on a machine below `root`. */
async function follow(part: string, checkout: string, root: string): Promise<void> {
  const [, commands = ''] = /```sh\n(.*?)```/s.exec(partOf(DOCUMENT, part)) ?? [];
  const local = commands.replaceAll('sudo ', '').replaceAll(/ \/(?=opt|etc)/g, ` ${root}/`);
  const env = { ...plainEnvironment(), NODE_ENV: 'production' };
  await promisify(execFile)('sh', ['-ec', local], { cwd: checkout, env });
}

describe('The steps in docs/production.md', function () {
  this.timeout(300_000);
  const checkout = temporaryFolder();
  const root = temporaryFolder();
  const installed = join(root, service.get('WorkingDirectory') ?? '');
  let program: ChildProcess | undefined;

  before(async () => {
    for (const path of [...IN_CHECKOUT, '.env.example', 'src', 'scripts', 'docs'])
      cpSync(path, join(checkout, path), { recursive: true });
    mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
    await follow('build', checkout, root);
    await follow('install', checkout, root);
  });

  afterEach(() => program?.kill('SIGKILL'));

  /** Expects a program that starts, delivers a message, and ends with code 0. */
  async function expectToRun(command: readonly string[], cwd: string): Promise<void> {
    const [file = '', ...args] = command;
    const port = String(await freePort());
    const env = { ...plainEnvironment(), ...service.environment };
    const own = { BACKEND: 'embedded', DATA_DIR: temporaryFolder(), PORT: port };
    program = spawn(file, args, { cwd, env: { ...env, ...own }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    program.stdout?.on('data', (chunk) => (stdout += String(chunk)));
    program.stderr?.on('data', (chunk) => (stderr += String(chunk)));
    const ended = once(program, 'close');
    while (!stdout.includes('listening on') && program.exitCode === null)
      await Promise.race([once(program.stdout!, 'data'), ended]);
    expect(program.exitCode, stderr).to.equal(null);

    const conversation = new Conversation(`http://127.0.0.1:${port}`);
    expect(await conversation.send({ from: 'clientA', to: 'clientB', message: 'hello' })).to.equal(201);
    expect(await conversation.storedMessages(1)).to.have.lengthOf(1);
    program.kill('SIGTERM');
    expect(await ended, stderr).to.deep.equal([0, null]);
    expect(stderr).not.to.match(/build/i);
  }

  it('make a build that npm start runs without the development dependencies', async () => {
    expect(existsSync(join(checkout, 'node_modules/typescript'))).to.equal(false);
    await expectToRun(['npm', 'start'], checkout);
  });

  it("install what the unit's command needs", async () => {
    const [node = '', ...args] = service.command;
    expect(basename(node)).to.equal('node');
    await expectToRun([process.execPath, ...args], installed);
  });

  it('install the unit, and settings that only root can read', () => {
    const unit = readFileSync(join(root, 'etc/systemd/system/postrider.service'), 'utf8');
    expect(unit).to.equal(readFileSync('docs/postrider.service', 'utf8'));
    expect(statSync(join(root, service.get('EnvironmentFile') ?? '')).mode & 0o777).to.equal(0o600);
  });

  it('replace the old version by the new one', async () => {
    const before = statSync(installed).ino;
    await follow('upgrade', checkout, root);
    expect(statSync(installed).ino).not.to.equal(before);
    expect(statSync(`${installed}.old`).ino).to.equal(before);
    await expectToRun([process.execPath, ...service.command.slice(1)], installed);
  });
});
