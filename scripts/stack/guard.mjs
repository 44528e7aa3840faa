// Outlives the process that started servers by a moment: when its standard input ends, however that process died,
// it ends the servers that are still registered, and removes their temporary folders. Lines are "+pid folder" (the
// folder may be missing) or "+container", and "-pid" or "-container".
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const servers = new Map();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [, sign, id, folder] = /^([+-])(\S+) ?(.*)$/.exec(line) ?? [];
    if (sign === '+') servers.set(id, folder);
    else servers.delete(id);
  })
  .on('close', () => {
    for (const [id, folder] of servers) {
      end(id);
      if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });
// A signal to the process group (Ctrl-C) must not end the guard before its parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

/** @param {string} id */
function end(id) {
  if (!/^\d+$/.test(id)) {
    spawnSync('docker', ['rm', '-f', '-v', id], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(Number(id), 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
