import { readFile } from 'node:fs/promises';

/** The current memory of a process, in MB (Linux). */
export function residentMb(pid: number | undefined): Promise<number> {
  return megabytes(pid, 'VmRSS');
}

/** The peak memory of a process, in MB (Linux). */
export function peakResidentMb(pid: number | undefined): Promise<number> {
  return megabytes(pid, 'VmHWM');
}

async function megabytes(pid: number | undefined, field: string): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const [, kb] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  if (kb === undefined) throw new Error(`no ${field} in the status of the process`);
  return Number(kb) / 1_024;
}
