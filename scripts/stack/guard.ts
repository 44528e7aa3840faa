import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const GUARD = fileURLToPath(new URL('guard.mjs', import.meta.url));

let guard: ChildProcess | undefined;

/**
 * Makes the guard stop a server, given by its pid or the name of its container, when this process ends,
 * however it ends.
 */
export function guardServer(id: string): void {
  writeLine(`+${id}`);
}

export function unguardServer(id: string): void {
  writeLine(`-${id}`);
}

/**
 * Makes the guard remove a folder, given by its absolute path, when this process ends, after the servers that
 * write to it.
 */
export function guardFolder(folder: string): void {
  writeLine(`+${folder}`);
}

export function unguardFolder(folder: string): void {
  writeLine(`-${folder}`);
}

function writeLine(line: string): void {
  if (guard === undefined) {
    guard = spawn(process.execPath, [GUARD], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.unref();
    // Node's types do not say that the pipe of a child is a socket.
    (guard.stdin as unknown as { unref(): void }).unref();
  }
  guard.stdin?.write(`${line}\n`);
}
