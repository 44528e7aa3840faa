import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from './build-state.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = fileURLToPath(new URL('../src', import.meta.url));
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
// With NODE_ENV=production, npm leaves out the development dependencies, and the compiler with them.
const INSTALL = 'To install it, run "npm ci --include=dev".';
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM']);

/**
 * Builds if necessary, then runs a built program in this process, so that signals reach it.
 * @param {string} file in dist
 * @param {number} [stoppedCode] the exit code after a signal that arrives before the program has its own listeners;
 *   by default the code that a shell reports for the signal
 */
export async function runBuilt(file, stoppedCode) {
  const exit = (/** @type {'SIGINT' | 'SIGTERM'} */ signal) =>
    process.exit(stoppedCode ?? 128 + constants.signals[signal]);
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // A second listener belongs to the build or to the program, which then handles the signal.
      if (process.listenerCount(signal) === 1) exit(signal);
    });
  }
  const program = new URL(`../dist/${file}`, import.meta.url);
  if (existsSync(sources) && isBuildStale(root)) {
    const signal = await replaceStaleBuild(program);
    if (signal !== undefined) exit(signal);
  }
  if (!existsSync(program)) fail('There is no build, and there are no sources to build from.');
  await import(program.href);
}

/**
 * Builds. Without a compiler it exits, or warns if there is an old build that can run.
 * Resolves with the signal that interrupted the build, if any.
 * @param {URL} program
 */
async function replaceStaleBuild(program) {
  if (existsSync(compiler)) return build();
  if (!existsSync(program)) fail(`There is no build and no compiler. ${INSTALL}`);
  process.stderr.write(
    `The sources are newer than the build, but there is no compiler: running the old build. ${INSTALL}\n`,
  );
  return undefined;
}

/** Exits if the build fails. Resolves with the signal that interrupted it, if any. */
async function build() {
  process.stderr.write('Building ...\n');
  const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  /** @type {'SIGINT' | 'SIGTERM' | undefined} */
  let received;
  const stop = (/** @type {'SIGINT' | 'SIGTERM'} */ signal) => {
    received = signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  for (const signal of SIGNALS) process.off(signal, stop);
  if (received !== undefined) {
    // The output may be incomplete. Without this file the next start builds again.
    rmSync(new URL('../dist/main.js', import.meta.url), { force: true });
    return received;
  }
  if (code !== 0) fail('The build failed (see above). Nothing was started.');
  return undefined;
}

/** @param {string} line */
function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
