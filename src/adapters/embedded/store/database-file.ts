import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// LMDB's meta page (struct MDB_meta in mdb.c, data format 2): byte offsets from the beginning of the page.
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const PAGE_SIZE_AT = 48;
const FREE_ROOT_AT = 88;
const MAIN_ROOT_AT = 136;
const TXN_AT = 152;
const META_LENGTH = 160;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** More bytes than opening a new database takes. */
const MAP_MARGIN = 256 * 1024;

interface Meta {
  readonly txn: bigint;
  /** The end positions in the file of the root pages of LMDB's two trees. */
  readonly ends: readonly number[];
}

/** Throws if the disk is full or the file is damaged. lmdb would crash the process in both cases. */
export function checkFile(folder: string, file: string): void {
  const path = join(folder, 'postrider.tmp');
  try {
    writeFileSync(path, Buffer.alloc(MAP_MARGIN));
  } finally {
    rmSync(path, { force: true });
  }
  if (existsSync(file) && !isUsable(file)) {
    throw new Error(`${file} is damaged, or is no database: restore a copy, or move it away`);
  }
}

/** Reports whether both meta pages are valid and the newest one points to pages within the file. */
function isUsable(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const first = readMeta(descriptor, 0);
    const second = first && readMeta(descriptor, first.pageSize);
    // Read the size last: the pages that a meta page points to are written before it.
    const { size } = fstatSync(descriptor);
    if (first === undefined || second === undefined) return size === 0;
    const newest = first.txn > second.txn ? first : second;
    return newest.ends.every((end) => end <= size);
  } finally {
    closeSync(descriptor);
  }
}

function readMeta(descriptor: number, position: number): (Meta & { readonly pageSize: number }) | undefined {
  const page = Buffer.alloc(META_LENGTH);
  if (readSync(descriptor, page, 0, META_LENGTH, position) < META_LENGTH) return undefined;
  if (page.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  const pageSize = page.readUInt32LE(PAGE_SIZE_AT);
  const roots = [page.readBigUInt64LE(FREE_ROOT_AT), page.readBigUInt64LE(MAIN_ROOT_AT)];
  const ends = roots.filter((root) => root !== NO_PAGE).map((root) => (Number(root) + 1) * pageSize);
  return { pageSize, ends, txn: page.readBigUInt64LE(TXN_AT) };
}
