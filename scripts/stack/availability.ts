import { KAFKA_IMAGE, MONGODB_IMAGE } from './images.js';
import { works } from './run-command.js';

export type ServerKind = 'docker' | 'local';

/**
 * Determines how this machine can run real servers: in Docker if it has the images, otherwise as local processes if
 * that is possible. If the machine cannot run them, resolves with what is missing.
 */
export async function serverKind(
  forced: string | undefined = process.env['STACK'],
): Promise<ServerKind | { readonly missing: string }> {
  if (forced !== undefined && forced !== 'docker' && forced !== 'local') {
    return { missing: `STACK must be docker or local, not "${forced}"` };
  }
  const canUseDocker = forced !== 'local' && (await isDockerRunning());
  if (canUseDocker && (forced === 'docker' || (await hasImages()))) return 'docker';
  if (forced === 'docker') return { missing: 'a running Docker with Compose' };
  const missing = await missingForLocal();
  if (missing.length === 0) return 'local';
  // Docker downloads the images when the servers start.
  return canUseDocker ? 'docker' : { missing: `Docker, or ${missing.join(', ')}` };
}

export async function isDockerRunning(): Promise<boolean> {
  return (await works('docker', 'compose', 'version')) && (await works('docker', 'info'));
}

function hasImages(): Promise<boolean> {
  return works('docker', 'image', 'inspect', KAFKA_IMAGE, MONGODB_IMAGE);
}

async function missingForLocal(): Promise<string[]> {
  const missing: string[] = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') missing.push('Linux x64');
  if (!(await works('java', '-version'))) missing.push('Java 17');
  if (!(await works('mvn', '-v'))) missing.push('Maven');
  if (!(await works('python3', '-m', 'pip', '--version'))) missing.push('Python with pip');
  return missing;
}
