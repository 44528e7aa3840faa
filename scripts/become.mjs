import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from './build-state.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM']);

/**
 * Builds where that is needed, then becomes a built program, so that signals reach it.
 * @param {string} file in dist
 */
export async function become(file) {
  const program = new URL(`../dist/${file}`, import.meta.url);
  if (mustBuild(program)) await build();
  if (!existsSync(program)) fail('There is no build, and there are no sources to make one from.');
  await import(program.href);
}

/**
 * An installation without sources, or without dev dependencies, runs what was built before.
 * @param {URL} program
 */
function mustBuild(program) {
  if (!existsSync(fileURLToPath(new URL('../src', import.meta.url)))) return false;
  return isBuildStale(root) && (existsSync(compiler) || !existsSync(program));
}

/** Ends the process where the build does not succeed. The compiler's words go to standard error. */
async function build() {
  if (!existsSync(compiler)) fail('There is no build, and no compiler to make one: run "npm ci" first.');
  process.stderr.write('Building ...\n');
  const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  /** @type {'SIGINT' | 'SIGTERM' | undefined} */
  let wish;
  const stop = (/** @type {'SIGINT' | 'SIGTERM'} */ signal) => {
    wish = signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  for (const signal of SIGNALS) process.off(signal, stop);
  if (wish !== undefined) process.exit(128 + constants.signals[wish]);
  if (code !== 0) fail('The build failed, for the reasons above; nothing was started.');
}

/** @param {string} line */
function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
