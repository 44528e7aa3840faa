import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOnce } from './cache.js';
import { runCommand } from './run-command.js';

/** Returns the path of a Node release of this major version, which is downloaded from npm the first time. */
export async function nodeBinary(major: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await fetchOnce(`${name}-${major}`, async (target) => {
    await runCommand('npm', [
      'install',
      '--silent',
      '--ignore-scripts',
      '--prefix',
      target,
      `${name}@${major}`,
    ]);
    await rename(join(target, 'node_modules', name, 'bin', 'node'), join(target, 'node'));
    await rm(join(target, 'node_modules'), { recursive: true });
  });
  return join(folder, 'node');
}
