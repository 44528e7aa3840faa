import type { HttpUnderTest } from '../../contract/http/http.contract.js';
import { SpawnedProgram, type ProgramEnv } from './spawned-program.js';

const MAX_LENGTH = 1_000;

/** The built program, as the HTTP contract needs it. */
export async function startUnderContract(env: ProgramEnv): Promise<HttpUnderTest> {
  const limits = { MESSAGE_MAX_LENGTH: String(MAX_LENGTH), REFUSED_RECORD_RATE: '1000', LOG_LEVEL: 'warn' };
  const program = await SpawnedProgram.start({ ...limits, ...env });
  return { baseUrl: program.url, messageMaxLength: MAX_LENGTH, close: () => program.stop() };
}
