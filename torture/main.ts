import { Campaign } from './campaign.js';
import { fillDisk } from './full-disk.js';
import { parseOptions, USAGE, type TortureOptions } from './options.js';
import { preloadOf } from './planted/planted.js';
import { explain, table } from './report.js';

/** 0: as expected. 1: violations, or a planted defect that was not found. 2: wrong options. */
async function main(): Promise<number> {
  let options: TortureOptions;
  let preloads: string[];
  try {
    options = parseOptions(process.argv.slice(2));
    preloads = options.plant === undefined ? [] : [preloadOf(options.plant)];
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  console.log(`seed ${String(options.seed)}, ${String(options.seconds)} s`);
  const result = await Campaign.run(options, preloads, (line) => console.log(line));
  console.log(`\n${table(result, options)}`);
  const isFound = result.violations.length > 0;
  if (isFound) console.log(`\n${explain(result)}\nseed ${String(options.seed)}`);
  if (options.plant === undefined) return isFound || !(await survivesFullDisk()) ? 1 : 0;
  console.log(
    isFound ? `The planted defect was found.` : `The planted defect ${options.plant} was NOT found.`,
  );
  return isFound ? 0 : 1;
}

async function survivesFullDisk(): Promise<boolean> {
  const { acknowledged, refusedBatches, violations } = await fillDisk();
  const counts = `${String(acknowledged)} acknowledged, ${String(refusedBatches)} batches refused`;
  console.log(`\nEmbedded back end on a full disk: ${counts}, ${String(violations.length)} violations`);
  for (const violation of violations.slice(0, 20)) console.log(violation);
  return violations.length === 0;
}

process.exitCode = await main();
