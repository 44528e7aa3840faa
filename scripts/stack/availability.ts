import { works } from './run-command.js';

export type ServerKind = 'docker' | 'local';

/** Determines how this machine can run real servers. Resolves with what is missing if it cannot. */
export async function serverKind(
  forced: string | undefined = process.env['STACK'],
): Promise<ServerKind | { readonly missing: string }> {
  if (forced !== undefined && forced !== 'docker' && forced !== 'local') {
    return { missing: `STACK must be docker or local, not "${forced}"` };
  }
  if (forced !== 'local' && (await dockerRuns())) return 'docker';
  if (forced === 'docker') return { missing: 'a running Docker with Compose' };
  const lacking = await localLacks();
  return lacking.length === 0 ? 'local' : { missing: `Docker, or ${lacking.join(', ')}` };
}

export async function dockerRuns(): Promise<boolean> {
  return (await works('docker', 'compose', 'version')) && (await works('docker', 'info'));
}

async function localLacks(): Promise<string[]> {
  const lacking: string[] = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') lacking.push('Linux x64');
  if (!(await works('java', '-version'))) lacking.push('Java 17');
  if (!(await works('mvn', '-v'))) lacking.push('Maven');
  if (!(await works('python3', '-m', 'pip', '--version'))) lacking.push('Python with pip');
  return lacking;
}
