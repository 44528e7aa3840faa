import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { temporaryFolder, type ProgramEnv } from './spawned-program.js';

const MIGRATE = fileURLToPath(new URL('../../../dist/migrate.js', import.meta.url));

export interface MigrationEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built legacy import in a separate process; killed as soon as it has printed `killAt`. */
export function runMigration(
  env: ProgramEnv,
  args: readonly string[] = [],
  killAt?: string,
): Promise<MigrationEnd> {
  const child = spawn(process.execPath, [MIGRATE, ...args], {
    cwd: temporaryFolder(),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
    if (killAt !== undefined && output.stdout.includes(killAt)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...output });
    });
  });
}
