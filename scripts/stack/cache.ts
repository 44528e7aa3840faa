import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for downloads and the developer's servers, outside the repository and shared by all its clones. */
export function cacheFolder(...parts: string[]): string {
  return join(process.env['POSTRIDER_CACHE'] ?? join(homedir(), '.cache', 'postrider'), ...parts);
}

/**
 * Fills a folder of the cache once. The folder appears complete or not at all, even if two processes fill it at once.
 */
export async function fetchOnce(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = cacheFolder(name);
  if (await exists(target)) return target;
  await mkdir(cacheFolder(), { recursive: true });
  const temporaryFolder = await mkdtemp(cacheFolder('.fetch-'));
  try {
    await fill(temporaryFolder);
    await rename(temporaryFolder, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
  return target;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
