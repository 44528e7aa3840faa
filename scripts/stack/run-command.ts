import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { guardServer, unguardServer } from './guard.js';

/** Runs a command and resolves with its output. Rejects with its last lines if it fails. */
export async function runCommand(command: string, args: readonly string[], cwd?: string): Promise<string> {
  return outputOf(command, args, spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Like `runCommand`, but ends the command with this process. For commands that write to a temporary folder. */
export async function runGuardedCommand(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid === undefined) return outputOf(command, args, child);
  const pid = String(child.pid);
  guardServer(pid);
  return outputOf(command, args, child).finally(() => unguardServer(pid));
}

async function outputOf(
  command: string,
  args: readonly string[],
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<string> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return output;
  const end = output.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.join(' ')} failed (${String(code)}):\n${end}`);
}

/** Reports whether a command exists and succeeds. */
export async function works(command: string, ...args: string[]): Promise<boolean> {
  return runCommand(command, args).then(
    () => true,
    () => false,
  );
}
