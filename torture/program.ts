import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guardServer, unguardServer } from '../scripts/stack/guard.js';
import { freePort } from '../scripts/stack/free-port.js';
import { SpawnedProgram, temporaryFolder, type ProgramEnv } from '../test/support/program/spawned-program.js';

/** The disturbance of a program's connections to one port. */
export type LinkMode = 'isolated' | 'slow' | 'losing';

const PRELOAD = new URL('./faults/preload.mjs', import.meta.url).href;
const RESTART_DELAY_MS = 1_000;
const TERMINATE_TIMEOUT_MS = 30_000;

/** One api or receiver process. If it exits, it is restarted on the same port, as an orchestrator would do. */
export class Program {
  /** How often the process exited without having been killed or terminated. */
  unexpectedExits = 0;
  private running: SpawnedProgram | undefined;
  /** True while the process must not run. */
  private isDown = true;
  private clockMs = 0;
  private readonly links = new Map<number, LinkMode>();
  private readonly controlFile = join(temporaryFolder(), 'control.json');

  private constructor(
    readonly name: string,
    readonly port: number,
    private env: ProgramEnv,
    /** Modules to preload in addition to the one that disturbs network and clock. */
    private readonly preloads: readonly string[],
  ) {}

  static async create(name: string, env: ProgramEnv, preloads: readonly string[] = []): Promise<Program> {
    return new Program(name, await freePort(), env, preloads);
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Takes effect at the next start. */
  setEnv(env: ProgramEnv): void {
    this.env = { ...this.env, ...env };
  }

  async start(): Promise<void> {
    this.isDown = false;
    const imports = [PRELOAD, ...this.preloads].map((module) => `--import=${module}`);
    const env = {
      NODE_OPTIONS: imports.join(' '),
      TORTURE_CONTROL: this.controlFile,
      PORT: String(this.port),
    };
    this.writeControl();
    const program = SpawnedProgram.spawn({ LOG_LEVEL: 'error', ...this.env, ...env });
    this.running = program;
    const pid = String(program.pid);
    guardServer(pid);
    void program.ended.then(({ code, signal }) => {
      unguardServer(pid);
      if (this.isDown || this.running !== program) return;
      this.unexpectedExits += 1;
      process.stderr.write(
        `${this.name} ended with ${String(code ?? signal)}: ${program.stderr.slice(-600)}\n`,
      );
      setTimeout(() => void (this.isDown ? undefined : this.start()), RESTART_DELAY_MS);
    });
    await program.waitUntilListening().catch(() => undefined);
  }

  /** Sends SIGKILL. The process stays down until `start`. */
  async kill(): Promise<void> {
    this.isDown = true;
    this.running?.kill('SIGKILL');
    await this.running?.ended;
  }

  /**
   * Sends SIGTERM. The process stays down until `start`. Resolves with its exit code, or null if it had to be killed.
   */
  async terminate(): Promise<number | null> {
    this.isDown = true;
    const program = this.running;
    program?.kill('SIGTERM');
    const killTimer = setTimeout(() => program?.kill('SIGKILL'), TERMINATE_TIMEOUT_MS);
    const exit = await program?.ended;
    clearTimeout(killTimer);
    return exit?.code ?? null;
  }

  freeze(): void {
    this.running?.kill('SIGSTOP');
  }

  unfreeze(): void {
    this.running?.kill('SIGCONT');
  }

  stepClock(ms: number): void {
    this.clockMs = ms;
    this.writeControl();
  }

  disturb(port: number, mode: LinkMode | undefined): void {
    if (mode === undefined) this.links.delete(port);
    else this.links.set(port, mode);
    this.writeControl();
  }

  /** Writes the control file by rename, so that the program never reads a partial one. */
  private writeControl(): void {
    const text = JSON.stringify({ clockMs: this.clockMs, links: Object.fromEntries(this.links) });
    writeFileSync(`${this.controlFile}.new`, text);
    renameSync(`${this.controlFile}.new`, this.controlFile);
  }
}
