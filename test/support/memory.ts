import { readFile } from 'node:fs/promises';

/** What a process holds in memory at the moment, in MB (Linux). */
export async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kb === undefined) throw new Error('no VmRSS in the status of the process');
  return Number(kb) / 1_024;
}
