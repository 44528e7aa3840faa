import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };
export const ONE_FAILURE: Counts = { passed: 0, failed: 1, skipped: 0 };

/** A signal ended the run. It was passed on to mocha. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const REPORTER = fileURLToPath(new URL('counting-reporter.cjs', import.meta.url));
const MOCHA = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url));

export interface MochaRun {
  readonly files: readonly string[];
  readonly timeoutMs: number;
  /** The path of the Node that runs the tests; this process's if absent. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Returns the output with the result instead of printing it as it is written. */
  readonly isQuiet?: boolean;
}

export interface MochaResult {
  readonly counts: Counts;
  /** Empty unless the run is quiet. */
  readonly output: string;
}

/**
 * Runs the files in a separate mocha process. A run that crashes, or that runs no test, counts as one
 * failure.
 */
export async function runMocha({
  files,
  timeoutMs,
  node = process.execPath,
  env,
  isQuiet,
}: MochaRun): Promise<MochaResult> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-counts-'));
  const file = join(folder, 'counts.json');
  try {
    const args = [MOCHA, '--reporter', REPORTER, '--timeout', String(timeoutMs), '--exit', ...files];
    const outputFile = isQuiet === true ? join(folder, 'output.log') : undefined;
    const code = await run(node, args, { ...process.env, ...env, POSTRIDER_TEST_COUNTS: file }, outputFile);
    const output = outputFile === undefined ? '' : await readFile(outputFile, 'utf8');
    return { counts: await readCounts(file, code), output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Resolves with the exit code; null if a signal ended the process. */
async function run(
  node: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  outputFile: string | undefined,
): Promise<number | null> {
  const output = outputFile === undefined ? undefined : await open(outputFile, 'w');
  const target = output?.fd ?? 'inherit';
  const child = spawn(node, args, { stdio: ['ignore', target, target], env });
  let received: 'SIGINT' | 'SIGTERM' | undefined;
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    // A second signal does not wait for mocha's hooks.
    child.kill(received === undefined ? signal : 'SIGKILL');
    received = signal;
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('close', resolve).once('error', reject),
    );
    if (received !== undefined) throw new Interrupted(received);
    return code;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await output?.close();
  }
}

async function readCounts(file: string, code: number | null): Promise<Counts> {
  const counts = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Counts,
    () => NONE,
  );
  const hasNoResult = counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0);
  return hasNoResult ? add(counts, ONE_FAILURE) : counts;
}
