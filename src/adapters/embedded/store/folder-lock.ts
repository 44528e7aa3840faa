import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';

/** Another process that is alive runs on the folder. */
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
  /** Tells a process from a later one that got the same pid. */
  readonly startedAt: string;
}

const OWNER = 'owner';

/**
 * Who may write to the folder: a note in the database itself, made in a write transaction, of which lmdb allows one
 * at a time over all processes. The note of a process that is gone counts for nothing, so a killed one leaves no lock
 * behind. Every write transaction checks the note again: whoever was wrongly taken for dead can't write any more.
 */
export class FolderLock {
  private readonly token = randomUUID();

  constructor(
    private readonly root: RootDatabase,
    private readonly folder: string,
  ) {}

  claim(): void {
    const mine: Owner = { token: this.token, pid: process.pid, startedAt: startOf(process.pid) ?? '' };
    const holder = this.root.transactionSync(() => {
      const owner = this.owner();
      if (owner !== undefined && isAlive(owner)) return owner;
      this.root.putSync(OWNER, mine);
      return undefined;
    });
    if (holder !== undefined) throw new FolderInUse(this.folder, holder.pid);
  }

  /** Whether another process has taken the folder; to be asked inside each write transaction. */
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
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const start = startOf(pid);
  return start === undefined || start === startedAt;
}

/** When a process began, in whatever form this system has it; undefined where it can't be told. */
function startOf(pid: number): string | undefined {
  try {
    // The 22nd field of /proc/pid/stat (proc(5)), counted from the boot; the second, in brackets, may contain blanks.
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${String(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])}`;
  } catch {
    return startByPs(pid);
  }
}

function startByPs(pid: number): string | undefined {
  try {
    // The same text for the same process, whoever asks.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const args = ['-o', 'lstart=', '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', env }).trim() || undefined;
  } catch {
    return undefined;
  }
}
