// Outlives the process that started servers by a moment: when its standard input ends, however that process died,
// it kills the servers that are still registered, and removes their temporary folders. Lines are "+pid folder" (the
// folder may be missing) and "-pid".
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const servers = new Map();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [, sign, pid, folder] = /^([+-])(\d+) ?(.*)$/.exec(line) ?? [];
    if (sign === '+') servers.set(Number(pid), folder);
    else servers.delete(Number(pid));
  })
  .on('close', () => {
    for (const [pid, folder] of servers) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
      if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });
// A signal to the process group (Ctrl-C) must not end the guard before its parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
