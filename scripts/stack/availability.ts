import { works } from './run-command.js';

export type ServerKind = 'docker' | 'local';

/** Determines how this machine can run real servers. If it cannot, resolves with what is missing. */
export async function serverKind(
  forced: string | undefined = process.env['STACK'],
): Promise<ServerKind | { readonly missing: string }> {
  if (forced !== undefined && forced !== 'docker' && forced !== 'local') {
    return { missing: `STACK must be docker or local, not "${forced}"` };
  }
  if (forced !== 'local' && (await isDockerRunning())) return 'docker';
  if (forced === 'docker') return { missing: 'a running Docker with Compose' };
  const missing = await missingForLocal();
  return missing.length === 0 ? 'local' : { missing: `Docker, or ${missing.join(', ')}` };
}

export async function isDockerRunning(): Promise<boolean> {
  return (await works('docker', 'compose', 'version')) && (await works('docker', 'info'));
}

async function missingForLocal(): Promise<string[]> {
  const missing: string[] = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') missing.push('Linux x64');
  if (!(await works('java', '-version'))) missing.push('Java 17');
  if (!(await works('mvn', '-v'))) missing.push('Maven');
  if (!(await works('python3', '-m', 'pip', '--version'))) missing.push('Python with pip');
  return missing;
}
