import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isBuildStale } from '../scripts/build-state.mjs';
import { Campaign, type CampaignResult } from './campaign.js';
import { fillDisk } from './full-disk.js';
import { parseOptions, USAGE, type TortureOptions } from './options.js';
import { DEFECTS, isFound, preloadOf } from './planted/planted.js';
import { explain, table } from './report.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Resolves with the exit code. 0: success. 1: violations, or a planted defect was not found. 2: invalid options. */
async function main(): Promise<number> {
  let options: TortureOptions;
  try {
    options = parseOptions(process.argv.slice(2));
    if (options.defect !== undefined) preloadOf(options.defect);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (isBuildStale(ROOT)) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (options.prove) return checkDefects(DEFECTS, options);
  if (options.defect !== undefined) return checkDefects([options.defect], options);
  const { violations } = await run(options);
  return violations.length > 0 || !(await survivesFullDisk()) ? 1 : 0;
}

async function run(options: TortureOptions): Promise<CampaignResult> {
  console.log(`seed ${String(options.seed)}, ${String(options.seconds)} s`);
  const preloads = options.defect === undefined ? [] : [preloadOf(options.defect)];
  const result = await Campaign.run(options, preloads, (line) => console.log(line));
  console.log(`\n${table(result, options)}`);
  if (result.violations.length > 0) console.log(`\n${explain(result)}\nseed ${String(options.seed)}`);
  return result;
}

async function checkDefects(defects: readonly string[], options: TortureOptions): Promise<number> {
  const results = new Map<string, string>();
  let missed = false;
  for (const defect of defects) {
    const { violations } = await run({ ...options, defect });
    const rules = [...new Set(violations.map(({ rule }) => rule))];
    const result = isFound(defect, violations) ? 'found' : 'NOT found';
    results.set(defect, `${result}, broken rules: ${rules.join(', ') || 'none'}`);
    missed ||= !isFound(defect, violations);
  }
  console.log(`\n${[...results].map(([defect, result]) => `${defect}: ${result}`).join('\n')}`);
  return missed ? 1 : 0;
}

async function survivesFullDisk(): Promise<boolean> {
  const { acknowledged, rejectedBatches, violations } = await fillDisk();
  const counts = `${String(acknowledged)} acknowledged, ${String(rejectedBatches)} batches rejected`;
  console.log(`\nEmbedded back end on a full disk: ${counts}, ${String(violations.length)} violations`);
  for (const violation of violations.slice(0, 20)) console.log(violation);
  return violations.length === 0;
}

process.exitCode = await main();
