import { statfs } from 'node:fs/promises';
import { FolderInUse } from './folder-lock.js';

/** A write was attempted after `close` was called. */
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

// Several times the size of the largest batch.
const FULL_BELOW_BYTES = 16 * 1024 * 1024;

/** Reports whether a write failed before its `work` ran. */
export function wasNotBegun(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof StoreClosed || cause instanceof FolderInUse;
}

/** Finds out why a commit failed. lmdb puts the cause in `commitError`, a promise whose rejection must be handled. */
export async function causeOf(error: unknown, folder: string): Promise<unknown> {
  let cause = error;
  try {
    await (error as { readonly commitError?: Promise<never> }).commitError;
  } catch (commitError) {
    cause = commitError;
  }
  // lmdb reports a partial write to a full disk as "Input/output error".
  return (await isFull(folder)) ? new DiskFull(`no space left on the disk of ${folder}`, { cause }) : cause;
}

async function isFull(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < FULL_BELOW_BYTES;
  } catch {
    return false;
  }
}
