import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Creates one folder. Throws if its parent is missing, or if the path exists. */
export type MakeFolder = (path: string) => void;

const makeFolder: MakeFolder = (path) => {
  mkdirSync(path);
};

/**
 * Creates the folder and its missing parents, unless it exists. Node's own `recursive` never returns if the parent
 * exists and the system reports ENOENT all the same, as Linux does in /proc.
 */
export function createFolder(path: string, make = makeFolder): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) createFolder(parent, make);
  try {
    make(folder);
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
