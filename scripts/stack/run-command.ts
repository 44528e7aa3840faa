import { spawn } from 'node:child_process';

/** Runs a program to its end and gives back what it printed; rejects with its last lines when it fails. */
export async function runCommand(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
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

/** Whether a program is there and runs. */
export async function works(command: string, ...args: string[]): Promise<boolean> {
  return runCommand(command, args).then(
    () => true,
    () => false,
  );
}
