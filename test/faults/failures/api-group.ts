import { setTimeout as sleep } from 'node:timers/promises';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

const TIMEOUT_MS = 30_000;
const PAUSE_MS = 50;

/** Several api processes side by side, some of which are killed. A caller repeats its request until one answers. */
export class ApiGroup {
  private turn = 0;

  private constructor(
    private readonly env: ProgramEnv,
    private readonly programs: SpawnedProgram[],
  ) {}

  static async start(env: ProgramEnv, count: number): Promise<ApiGroup> {
    return new ApiGroup(
      env,
      await Promise.all(Array.from({ length: count }, () => SpawnedProgram.start(env))),
    );
  }

  /** Kills the oldest api process and starts another one in its place. */
  async killOne(): Promise<void> {
    const killed = this.programs.shift();
    killed?.kill('SIGKILL');
    this.programs.push(await SpawnedProgram.start(this.env));
    await killed?.ended;
  }

  async get(path: string): Promise<unknown> {
    return (await this.request('GET', path)).json();
  }

  async post(path: string, body: object, status: number): Promise<Response> {
    const response = await this.request('POST', path, body);
    if (response.status === status) return response;
    throw new Error(`${path} answered ${String(response.status)}: ${await response.text()}`);
  }

  /** Resolves with the first complete response that is not an outage. An api may be killed while it sends one. */
  async request(method: string, path: string, body?: object): Promise<Response> {
    const init = {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    };
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      try {
        const response = await fetch(new URL(path, this.url), init);
        const { status, headers } = response;
        const text = await response.text();
        if (status < 500) return new Response(text === '' ? null : text, { status, headers });
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      if (Date.now() > deadline) throw new Error(`${path} got no response`);
      await sleep(PAUSE_MS);
    }
  }

  async end(): Promise<void> {
    for (const program of this.programs) program.kill('SIGKILL');
    await Promise.all(this.programs.map((program) => program.ended));
  }

  private get url(): string {
    this.turn += 1;
    const program = this.programs[this.turn % this.programs.length];
    if (program === undefined) throw new Error('no api process is running');
    return program.url;
  }
}
