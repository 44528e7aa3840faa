import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const MODULE = fileURLToPath(new URL('../../../../scripts/test/run-mocha.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

describe('The result of a test run', function () {
  this.timeout(30_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-run-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** Runs the text as a test file in a separate process, so that its output does not mix with this one's. */
  async function countsOf(text: string): Promise<unknown> {
    const file = join(folder, 'some.test.mjs');
    await writeFile(file, text);
    const script = `import { runMocha } from ${JSON.stringify(MODULE)};
      const { counts } = await runMocha({ files: [${JSON.stringify(file)}], timeoutMs: 1000 });
      console.log('counts ' + JSON.stringify(counts));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return JSON.parse(/^counts (.*)$/m.exec(output)?.[1] ?? 'null');
  }

  it('counts each test', async () => {
    const text = `it('a', () => {}); it('b', () => {}); it('c', () => { throw new Error('no') });`;
    expect(await countsOf(text)).to.deep.equal({ passed: 2, failed: 1, skipped: 0 });
  });

  it('is a failure if nothing ran', async () => {
    expect(await countsOf('')).to.deep.equal({ passed: 0, failed: 1, skipped: 0 });
  });

  it('is a failure if the process ended before its tests did', async () => {
    const text = `it('a', () => {}); it('b', () => process.exit(0));`;
    expect(await countsOf(text)).to.deep.equal({ passed: 0, failed: 1, skipped: 0 });
  });
});
