import { statfs } from 'node:fs/promises';
import { FolderInUse } from './folder-lock.js';

/** A write came after the store was closed, or while it was being closed. */
export class StoreClosed extends Error {
  override readonly name = 'StoreClosed';

  constructor() {
    super('the store is closed');
  }
}

class DiskFull extends Error {
  override readonly name = 'DiskFull';
  readonly code = 'ENOSPC';
}

// Room for the largest batch, several times.
const LITTLE = 16 * 1024 * 1024;

/** Whether an error of a write says that no transaction was even begun for it. */
export function wasNotBegun(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof StoreClosed || cause instanceof FolderInUse;
}

/** Why a commit failed. lmdb tells it through a promise in its error, which rejects unhandled if nobody asks. */
export async function causeOf(error: unknown, folder: string): Promise<unknown> {
  let cause = error;
  try {
    await (error as { readonly commitError?: Promise<never> }).commitError;
  } catch (told) {
    cause = told;
  }
  // A disk that takes only a part of a write is an "Input/output error" to lmdb.
  return (await isFull(folder)) ? new DiskFull(`no space left on the disk of ${folder}`, { cause }) : cause;
}

async function isFull(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < LITTLE;
  } catch {
    return false;
  }
}
