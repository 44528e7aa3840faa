import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const REPORTER = fileURLToPath(new URL('counting-reporter.cjs', import.meta.url));
const MOCHA = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url));

/** Runs the files in a mocha of their own. A run that crashes, or runs nothing, counts as one failure. */
export async function runMocha(
  files: readonly string[],
  timeoutMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-counts-'));
  const file = join(folder, 'counts.json');
  try {
    const args = [MOCHA, '--reporter', REPORTER, '--timeout', String(timeoutMs), '--exit', ...files];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env, POSTRIDER_TEST_COUNTS: file },
    });
    const stop = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', stop).on('SIGTERM', stop);
    const code = await new Promise((resolve) => child.once('close', resolve));
    process.off('SIGINT', stop).off('SIGTERM', stop);
    return await readCounts(file, code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

async function readCounts(file: string, code: unknown): Promise<Counts> {
  const nothing = { passed: 0, failed: 1, skipped: 0 };
  const counts = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Counts,
    () => nothing,
  );
  const silent = counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0);
  return silent ? add(counts, nothing) : counts;
}
