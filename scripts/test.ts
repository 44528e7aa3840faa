// npm test: runs the tests that need no server, then the rest with a real Kafka and MongoDB. Arguments select files by
// path.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from './build-state.mjs';
import { add, Interrupted, NONE, ONE_FAILURE, runMocha, type Counts } from './test/run-mocha.js';
import { serverKind } from './stack/availability.js';
import { TestStack } from './test/test-stack.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SLOW_MS = 60_000;
process.chdir(ROOT);

const filters = process.argv.slice(2);
const needsNoServer = (file: string): boolean => file.endsWith('.embedded.test.ts');
const needsCluster = (file: string): boolean => file.endsWith('.cluster.test.ts');

function filesIn(folder: string): string[] {
  const root = join('test', folder);
  const names = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => join(root, name));
  return files.filter((file) => filters.length === 0 || filters.some((part) => file.includes(part))).sort();
}

const unit = filesIn('unit');
const slowFiles = ['integration', 'e2e', 'faults'].map(filesIn);
const withoutServers = slowFiles.flat().filter(needsNoServer);
const onServers = slowFiles.map((files) =>
  files.filter((file) => !needsNoServer(file) && !needsCluster(file)),
);
const onClusters = slowFiles.flat().filter(needsCluster);

let counts: Counts = NONE;

async function run(files: readonly string[], timeoutMs: number, env?: Record<string, string>): Promise<void> {
  if (files.length > 0) counts = add(counts, await runMocha(files, timeoutMs, env));
}

async function runAll(): Promise<void> {
  if (unit.length + slowFiles.flat().length === 0)
    throw new Error(`No test file matches ${filters.join(' ')}.`);
  if (slowFiles.flat().length > 0 && isBuildStale(ROOT)) {
    execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  }
  await run(unit, 10_000);
  await run(withoutServers, SLOW_MS);
  if (onServers.flat().length > 0) await runOnServers();
  if (onClusters.length > 0) await runOnClusters();
}

async function runOnServers(): Promise<void> {
  const stack = await TestStack.start();
  if (!(stack instanceof TestStack)) {
    skip(`${onServers.flat().length} test files that need a real Kafka and MongoDB`, stack.missing);
    return;
  }
  try {
    for (const files of onServers) await run(files, SLOW_MS, { ...stack.env });
  } finally {
    await stack.stop();
  }
}

/**
 * Runs the cluster tests. Each file starts its own cluster, as local processes even if Docker runs the single servers.
 */
async function runOnClusters(): Promise<void> {
  const kind = await serverKind('local');
  if (typeof kind === 'string') await run(onClusters, SLOW_MS);
  else skip(`${onClusters.length} test files that need a cluster`, kind.missing);
}

function skip(skipped: string, missing: string): void {
  console.log(`Skipped: ${skipped}. To run them, install what is missing: ${missing}.`);
  if (process.env['CI'] === 'true') counts = add(counts, ONE_FAILURE);
}

try {
  await runAll();
} catch (error) {
  if (error instanceof Interrupted) process.exit(error.exitCode);
  console.error(error instanceof Error ? error.message : error);
  counts = add(counts, ONE_FAILURE);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
