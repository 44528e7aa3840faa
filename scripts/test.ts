// npm test: runs all tests, those that need them with a real Kafka and MongoDB. Arguments select files by path.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from './build-state.mjs';
import { serverKind } from './stack/availability.js';
import { areServersGiven } from './test/lane-stacks.js';
import { add, Interrupted, NONE, ONE_FAILURE } from './test/run-mocha.js';
import { nodeVersionJobs, testJobs, type TestJob } from './test/test-jobs.js';
import { text, TestRun } from './test/test-run.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Tests wait most of the time, so more of them run side by side than there are cores. */
const LANES = availableParallelism() + 1;
process.chdir(ROOT);

async function runTests() {
  const filters = process.argv.slice(2);
  const isCi = process.env['CI'] === 'true';
  const jobs = [...testJobs(ROOT, filters), ...(isCi && filters.length === 0 ? versionJobs() : [])];
  if (jobs.length === 0) throw new Error(`No test file matches ${filters.join(' ')}.`);
  const needsBuild = jobs.some(({ files }) => files.some((file) => !file.startsWith('test/unit/')));
  if (needsBuild && isBuildStale(ROOT))
    execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });

  const kind = areServersGiven() ? undefined : await serverKind();
  // The tests need not find out again.
  if (typeof kind === 'string') process.env['POSTRIDER_SERVERS'] = kind;
  const local = await serverKind('local');
  const missing = {
    ...(typeof kind === 'object' && { servers: kind.missing }),
    ...(typeof local === 'object' && { cluster: local.missing }),
  };
  // Tests that share servers run one after another.
  const lanes = areServersGiven() ? 1 : LANES;
  return new TestRun({ jobs, lanes, missing, isStrict: isCi, print: console.log }).run();
}

function versionJobs(): readonly TestJob[] {
  return nodeVersionJobs(ROOT, Number.parseInt(process.versions.node, 10));
}

let counts = NONE;
try {
  counts = await runTests();
} catch (error) {
  if (error instanceof Interrupted) process.exit(error.exitCode);
  console.error(error instanceof Error ? error.message : error);
  counts = add(counts, ONE_FAILURE);
}
console.log(text(counts));
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
