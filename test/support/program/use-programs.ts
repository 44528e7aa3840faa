import { SpawnedProgram, type ProgramEnv } from './spawned-program.js';

export interface Programs {
  readonly spawn: (env: ProgramEnv, cwd?: string) => SpawnedProgram;
  /** Resolves once the program listens; rejects with its output if it exits instead. */
  readonly start: (env?: ProgramEnv, cwd?: string) => Promise<SpawnedProgram>;
}

/** For a suite whose tests spawn programs. Kills them after each test. */
export function usePrograms(): Programs {
  const programs: SpawnedProgram[] = [];

  afterEach(async () => {
    const left = programs.splice(0);
    for (const program of left) program.kill('SIGKILL');
    await Promise.all(left.map((program) => program.ended));
  });

  const added = (program: SpawnedProgram): SpawnedProgram => {
    programs.push(program);
    return program;
  };
  return {
    spawn: (env, cwd) => added(SpawnedProgram.spawn(env, cwd)),
    start: async (env = {}, cwd) => added(await SpawnedProgram.start(env, cwd)),
  };
}
