import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';

/** Another running process uses the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';

  constructor(folder: string, pid: number) {
    super(
      `The folder ${folder} is in use by the process ${String(pid)}: stop that one, or set another DATA_DIR.`,
    );
  }
}

interface Owner {
  readonly token: string;
  readonly pid: number;
  /** Distinguishes the process from a later one with the same pid. */
  readonly startedAt: string;
}

const OWNER = 'owner';

/**
 * Ensures that one process at a time writes to the folder. The owner is an entry in the database, written in
 * a write transaction, of which lmdb allows one at a time across all processes. The entry of a dead process
 * is ignored, so a killed process leaves no lock behind. Every write transaction checks the entry, so a
 * process that was wrongly considered dead cannot write any more.
 */
export class FolderLock {
  private readonly token = randomUUID();

  constructor(
    private readonly root: RootDatabase,
    private readonly folder: string,
  ) {}

  claim(): void {
    const own: Owner = { token: this.token, pid: process.pid, startedAt: startOf(process.pid) ?? '' };
    const holder = this.root.transactionSync(() => {
      const owner = this.owner();
      if (owner !== undefined && isAlive(owner)) return owner;
      this.root.putSync(OWNER, own);
      return undefined;
    });
    if (holder !== undefined) throw new FolderInUse(this.folder, holder.pid);
  }

  /** Returns an error if another process has taken the folder. To be called within each write transaction. */
  loss(): FolderInUse | undefined {
    const owner = this.owner();
    return owner?.token === this.token ? undefined : new FolderInUse(this.folder, owner?.pid ?? 0);
  }

  private owner(): Owner | undefined {
    return this.root.get(OWNER) as Owner | undefined;
  }

  release(): void {
    this.root.transactionSync(() => {
      if (this.owner()?.token === this.token) this.root.removeSync(OWNER);
    });
  }
}

function isAlive({ pid, startedAt }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const start = startOf(pid);
  return start === undefined || start === startedAt;
}

/** The start time of a process in a system-specific form; undefined if it cannot be determined. */
function startOf(pid: number): string | undefined {
  try {
    // Field 22 of /proc/pid/stat (proc(5)), relative to the boot. Field 2, in parentheses, may contain spaces.
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${String(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])}`;
  } catch {
    return startByPs(pid);
  }
}

function startByPs(pid: number): string | undefined {
  try {
    // The output must not depend on the locale and time zone of the calling process.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const args = ['-o', 'lstart=', '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', env }).trim() || undefined;
  } catch {
    return undefined;
  }
}
