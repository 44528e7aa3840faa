import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const GUARD = fileURLToPath(new URL('guard.mjs', import.meta.url));

let guard: ChildProcess | undefined;

/** Has a server, a pid or a container, ended and its folder removed when this process ends, however it ends. */
export function guardServer(id: string, temporaryFolder = ''): void {
  tell(`+${id} ${temporaryFolder}`);
}

export function unguardServer(id: string): void {
  tell(`-${id}`);
}

function tell(line: string): void {
  if (guard === undefined) {
    guard = spawn(process.execPath, [GUARD], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.unref();
    // Node's types do not say that the pipe of a child is a socket.
    (guard.stdin as unknown as { unref(): void }).unref();
  }
  guard.stdin?.write(`${line}\n`);
}
