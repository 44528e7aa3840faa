// Cleans up after the process that started servers, however that process ends. When the guard's standard
// input ends, it stops the servers that are still registered and then removes the registered temporary
// folders. A line of input is "+" or "-" followed by a pid, the name of a container, or the absolute path of
// a folder.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const guarded = new Set();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line.startsWith('+')) guarded.add(line.slice(1));
    else guarded.delete(line.slice(1));
  })
  .on('close', () => {
    const folders = [...guarded].filter((id) => id.startsWith('/'));
    for (const id of guarded) if (!folders.includes(id)) end(id);
    for (const folder of folders) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
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
    // The process has already ended.
  }
}
