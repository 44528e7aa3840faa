import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The CPU time that a process has used and the memory that it holds. */
export interface Usage {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

const PROC = existsSync('/proc/self/stat');
// Linux reports times in hundredths of a second (man 5 proc, man 3 sysconf: _SC_CLK_TCK).
const TICK_MICROS = 10_000;

export function usageOf(pid: number): Usage {
  return PROC ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain spaces. The text after it begins with field 3; fields 14 and 15 are the times.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return {
    cpuMicros: (Number(fields[11]) + Number(fields[12])) * TICK_MICROS,
    residentBytes: kilobytes('VmRSS') * 1_024,
    peakBytes: kilobytes('VmHWM') * 1_024,
  };
}

/** The usage on systems without /proc. The peak is unknown there, so it is the current memory. */
function fromPs(pid: number): Usage {
  const [rss = '0', time = '0'] = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], {
    encoding: 'utf8',
  })
    .trim()
    .split(/\s+/);
  const seconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  const residentBytes = Number(rss) * 1_024;
  return { cpuMicros: seconds * 1_000_000, residentBytes, peakBytes: residentBytes };
}
