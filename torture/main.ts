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
    if (options.plant !== undefined) preloadOf(options.plant);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (isBuildStale(ROOT)) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (options.prove) return findAll(DEFECTS, options);
  if (options.plant !== undefined) return findAll([options.plant], options);
  const { violations } = await run(options);
  return violations.length > 0 || !(await survivesFullDisk()) ? 1 : 0;
}

async function run(options: TortureOptions): Promise<CampaignResult> {
  console.log(`seed ${String(options.seed)}, ${String(options.seconds)} s`);
  const preloads = options.plant === undefined ? [] : [preloadOf(options.plant)];
  const result = await Campaign.run(options, preloads, (line) => console.log(line));
  console.log(`\n${table(result, options)}`);
  if (result.violations.length > 0) console.log(`\n${explain(result)}\nseed ${String(options.seed)}`);
  return result;
}

async function findAll(defects: readonly string[], options: TortureOptions): Promise<number> {
  const verdicts = new Map<string, string>();
  let missed = false;
  for (const plant of defects) {
    const { violations } = await run({ ...options, plant });
    const rules = [...new Set(violations.map(({ rule }) => rule))];
    const verdict = isFound(plant, violations) ? 'found' : 'NOT found';
    verdicts.set(plant, `${verdict}, broken rules: ${rules.join(', ') || 'none'}`);
    missed ||= !isFound(plant, violations);
  }
  console.log(`\n${[...verdicts].map(([defect, verdict]) => `${defect}: ${verdict}`).join('\n')}`);
  return missed ? 1 : 0;
}

async function survivesFullDisk(): Promise<boolean> {
  const { acknowledged, refusedBatches, violations } = await fillDisk();
  const counts = `${String(acknowledged)} acknowledged, ${String(refusedBatches)} batches refused`;
  console.log(`\nEmbedded back end on a full disk: ${counts}, ${String(violations.length)} violations`);
  for (const violation of violations.slice(0, 20)) console.log(violation);
  return violations.length === 0;
}

process.exitCode = await main();
