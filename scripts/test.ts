// npm test: everything that needs no server, then, with a real Kafka and MongoDB, the rest. A path runs what matches.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from './build-state.mjs';
import { add, runMocha, type Counts } from './test/run-mocha.js';
import { TestStack } from './test/test-stack.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
process.chdir(ROOT);

const wanted = process.argv.slice(2);

function filesIn(folder: string): string[] {
  const root = join('test', folder);
  const names = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => join(root, name));
  return files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))).sort();
}

let counts: Counts = { passed: 0, failed: 0, skipped: 0 };

async function run(files: readonly string[], timeoutMs: number, env?: Record<string, string>): Promise<void> {
  if (files.length > 0) counts = add(counts, await runMocha(files, timeoutMs, env));
}

const onServers = ['integration', 'e2e', 'faults'].flatMap(filesIn);
const serverless = onServers.filter((file) => file.endsWith('.embedded.test.ts'));
const needServers = onServers.filter((file) => !serverless.includes(file));

if (onServers.length > 0 && isBuildStale(ROOT)) {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
await run(filesIn('unit'), 10_000);
await run(serverless, 60_000);
if (needServers.length > 0) await runOnServers();

console.log(
  `${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`,
);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

async function runOnServers(): Promise<void> {
  const stack = await TestStack.start();
  if (!(stack instanceof TestStack)) {
    console.log(
      `Left out: ${String(needServers.length)} test files that need a real Kafka and MongoDB. Missing: ${stack.missing}.`,
    );
    if (process.env['CI'] === 'true') counts = add(counts, { passed: 0, failed: 1, skipped: 0 });
    return;
  }
  const interrupt = (): void => void stack.stop().then(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await run(needServers, 60_000, { ...stack.env });
  } finally {
    await stack.stop();
  }
}
