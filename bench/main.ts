// npm run bench: measures the program's throughput and latency together with baselines, on a real Kafka and
// MongoDB.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from '../scripts/build-state.mjs';
import { parseArguments } from './arguments.js';
import { thisMachine } from './machine.js';
import { rowsOf } from './report/rows.js';
import { tableOf } from './report/table.js';
import { Resources } from './resources.js';
import { runScenarios } from './run.js';
import { SCENARIOS } from './scenarios/registry.js';
import { FULL, QUICK } from './sizes.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const resources = new Resources();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Under npm the signal arrives twice.
  process.on(signal, () => {
    console.error('Stopping all processes ...');
    process.exitCode = signal === 'SIGINT' ? 130 : 143;
    void resources.close().then(() => process.exit());
  });
}

async function main(): Promise<void> {
  const names = SCENARIOS.map(({ name }) => name);
  const { quick, json, only } = parseArguments(process.argv.slice(2), names);
  const sizes = quick ? QUICK : FULL;
  if (isBuildStale(ROOT)) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  const scenarios = SCENARIOS.filter(({ name }) => only.length === 0 || only.includes(name));
  const results = await runScenarios(scenarios, sizes, resources, (text) => console.log(text));
  const rows = rowsOf(results, sizes);
  const machine = thisMachine();
  console.log(`\n${tableOf(rows)}\n`);
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.node}`);
  const report = { machine, rows: rows.map(({ row }) => row) };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  for (const failure of results.failures) console.error(failure);
  process.exitCode = results.failures.length > 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  // Errors that result from an interruption are not reported.
  if (process.exitCode === undefined) console.error(error);
  process.exitCode ??= 1;
}
await resources.close();
process.exit();
