// Outlives the process that started servers by a moment: when its standard input ends, however that process died,
// it kills the servers that are still registered. Lines are "+pid" and "-pid".
import { createInterface } from 'node:readline';

const pids = new Set();
createInterface({ input: process.stdin })
  .on('line', (line) => (line[0] === '+' ? pids.add(Number(line.slice(1))) : pids.delete(Number(line.slice(1)))))
  .on('close', () => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  });
// A signal to the process group (Ctrl-C) must not end the guard before its parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
