import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { temporaryFolder } from '../../support/program/spawned-program.js';

type Files = Readonly<Record<string, string>>;

const SCRIPTS = ['start', 'migrate', 'run-built', 'build-state'].map((name) => `scripts/${name}.mjs`);
const PROGRAM = 'dist/main.js';
const COMPILER = 'node_modules/typescript/bin/tsc';
const says = (word: string) => `console.log('${word}');`;
/** A program that waits for a signal. */
const WAITS = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => undefined, 1000);";
const compilerMaking = (program: string) =>
  `const fs = require('node:fs'); fs.mkdirSync('dist', { recursive: true });` +
  `fs.writeFileSync('dist/main.js', ${JSON.stringify(program)});`;

/** A folder with the scripts, and with stand-ins for sources, compiler and build. */
function installation(files: Files, buildIs: 'fresh' | 'stale' = 'fresh'): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'scripts'));
  for (const script of SCRIPTS) copyFileSync(script, join(root, script));
  const builtAt = Date.now() / 1000 + (buildIs === 'fresh' ? 60 : -60);
  if (PROGRAM in files) utimesSync(join(root, PROGRAM), builtAt, builtAt);
  return root;
}

const children: ChildProcess[] = [];

function start(root: string, script = 'scripts/start.mjs'): ChildProcess {
  const child = spawn(process.execPath, [script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function run(root: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(root);
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (said.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (said.stderr += String(chunk)));
  const [code] = await once(child, 'close');
  return { code, ...said };
}

/** Resolves with the number in the first output line that contains only a number. */
async function printedNumber(output: Readable): Promise<number> {
  for (let text = ''; ; text += String((await once(output, 'data'))[0])) {
    const number = /^\d+$/m.exec(text)?.[0];
    if (number !== undefined) return Number(number);
  }
}

describe('The start script', () => {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const sources = { 'src/main.ts': '' };
  const compiler = { [COMPILER]: compilerMaking(says('new')) };
  const built = { [PROGRAM]: says('old') };

  it("builds if there is no build, and says so separately from the program's output", async () => {
    const ending = await run(installation({ ...sources, ...compiler }));
    expect(ending).to.deep.equal({ code: 0, stdout: 'new\n', stderr: 'Building ...\n' });
  });

  it('builds if the build is older than the sources', async () => {
    expect(await run(installation({ ...sources, ...compiler, ...built }, 'stale'))).to.include({
      stdout: 'new\n',
    });
  });

  it('uses a fresh build without building', async () => {
    const ending = await run(installation({ ...sources, ...compiler, ...built }));
    expect(ending).to.deep.equal({ code: 0, stdout: 'old\n', stderr: '' });
  });

  it('uses an old build if there is nothing to compile', async () => {
    expect(await run(installation({ ...compiler, ...built }, 'stale'))).to.include({
      stdout: 'old\n',
      stderr: '',
    });
  });

  it('uses an old build if there is no compiler, and says so in one line', async () => {
    const { stdout, stderr } = await run(installation({ ...sources, ...built }, 'stale'));
    expect(stdout).to.equal('old\n');
    expect(stderr).to.match(/^The sources are newer than the build.*\n$/);
  });

  it('says in one line what to do if there is neither a build nor a compiler', async () => {
    const { code, stdout, stderr } = await run(installation(sources));
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^There is no build.*\n$/);
    // With NODE_ENV=production, a plain `npm ci` would install no compiler either.
    expect(stderr).to.include('npm ci --include=dev');
  });

  it("starts nothing if the build fails, and shows the compiler's output", async () => {
    const failing = { [COMPILER]: "console.log('main.ts(1,1): wrong'); process.exitCode = 2;" };
    const { code, stdout, stderr } = await run(installation({ ...sources, ...failing, ...built }, 'stale'));
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/main\.ts\(1,1\): wrong\n.*Nothing was started/);
  });

  it('is replaced by the program: signals reach it, and its exit code is returned', async () => {
    const child = start(installation({ ...sources, ...compiler, [PROGRAM]: `${WAITS}${says('waiting')}` }));
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).to.deep.equal([7, null]);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops the compiler and exits with code 0 when ${signal} comes during the build`, async () => {
      const slow = { [COMPILER]: `console.log(process.pid); setInterval(() => undefined, 1000);` };
      const child = start(installation({ ...sources, ...slow }));
      const pid = await printedNumber(child.stderr!);
      child.kill(signal);
      expect(await once(child, 'close')).to.deep.equal([0, null]);
      expect(() => process.kill(pid, 0)).to.throw('ESRCH');
    });

    it(`exits with code 0 when ${signal} comes while the program is being loaded`, async () => {
      const loading = `console.log(process.pid); await new Promise((resolve) => setTimeout(resolve, 5000));`;
      const child = start(installation({ ...sources, ...compiler, [PROGRAM]: loading }));
      await printedNumber(child.stdout!);
      child.kill(signal);
      expect(await once(child, 'close')).to.deep.equal([0, null]);
    });
  }

  it('builds again after a signal interrupted a build while the compiler wrote its output', async () => {
    const root = installation({
      ...sources,
      [COMPILER]: `${compilerMaking(says('half'))}${WAITS}console.log(1);`,
    });
    const child = start(root);
    await printedNumber(child.stderr!);
    child.kill('SIGTERM');
    await once(child, 'close');
    writeFileSync(join(root, COMPILER), compilerMaking(says('whole')));
    expect(await run(root)).to.include({ stdout: 'whole\n' });
  });

  it('does not report success when a signal interrupts a migration', async () => {
    const slow = { [COMPILER]: `console.log(process.pid); setInterval(() => undefined, 1000);` };
    const child = start(installation({ ...sources, ...slow }), 'scripts/migrate.mjs');
    await printedNumber(child.stderr!);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).to.deep.equal([143, null]);
  });
});
