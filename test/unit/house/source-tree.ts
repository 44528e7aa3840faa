import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult, type IViolation } from 'dependency-cruiser';
import type { IForbiddenRuleType } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const CONFIG = './.dependency-cruiser.cjs';
const PACKAGES = ['express', 'joi', 'kafkajs', 'mongoose', 'lmdb', 'winston', 'prom-client', 'inversify'];
const DEV_PACKAGES = ['chai'];

/** Paths relative to the root, with the content of each file. */
export type Files = Readonly<Record<string, string>>;

export async function houseOptions(): Promise<ICruiseOptions> {
  return extractOptions(CONFIG);
}

export async function houseRules(): Promise<readonly IForbiddenRuleType[]> {
  const { ruleSet } = await houseOptions();
  return ruleSet?.forbidden ?? [];
}

/** Runs our rules on a tree of these files, with stand-ins for the known packages. */
export async function violationsIn(files: Files): Promise<readonly IViolation[]> {
  const root = mkdtempSync(join(tmpdir(), 'postrider-layers-'));
  try {
    write(root, { ...packageFiles(), ...files });
    const { output } = await cruise(['src'], { ...(await houseOptions()), baseDir: root, validate: true });
    return (output as ICruiseResult).summary.violations;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function packageFiles(): Files {
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const manifest = {
    type: 'module',
    dependencies: versions(PACKAGES),
    devDependencies: versions(DEV_PACKAGES),
  };
  const files: Record<string, string> = { 'package.json': JSON.stringify(manifest) };
  for (const name of [...PACKAGES, ...DEV_PACKAGES]) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
    files[`node_modules/${name}/index.js`] = '';
  }
  files['node_modules/kafkajs/src/cluster/index.js'] = '';
  return files;
}

function write(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
