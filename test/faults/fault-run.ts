import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { SpawnedProgram, type ProgramEnv } from '../support/program/spawned-program.js';
import { check, summarize, type Findings, type History } from './checker.js';
import { checkReaders, summarizeReaders } from './inbox/reader-checker.js';
import { Readers } from './inbox/readers.js';
import { Traffic, type TrafficOptions } from './traffic.js';

/** The inboxes and the failed messages, read from the store itself and not through the program. */
export interface FaultStore {
  stored(): Promise<History['stored']>;
  failed(): Promise<readonly string[]>;
}

interface Readiness {
  readonly degraded?: boolean;
  readonly dependencies: Readonly<Record<string, { readonly state: string }>>;
}

const READ_CLIENTS = ['client-0', 'client-1', 'client-2'];

/** One scenario: programs under traffic, a fault, and the checker at the end. */
export class FaultRun {
  readonly name = `faults-${randomUUID().slice(0, 8)}`;
  readonly programs: SpawnedProgram[] = [];
  /** The dependencies that `/health/ready` reported as down at least once. */
  readonly reportedDown = new Set<string>();
  private traffic: Traffic | undefined;
  private readers: Readers | undefined;
  private readinessPoll: NodeJS.Timeout | undefined;

  async start(env: ProgramEnv): Promise<SpawnedProgram> {
    const program = await SpawnedProgram.start({ LOG_LEVEL: 'warn', ...env });
    this.programs.push(program);
    return program;
  }

  /** Starts traffic through the given program, and polls what it reports about its dependencies. */
  send(through: () => SpawnedProgram, options: Omit<TrafficOptions, 'url'> = {}): Traffic {
    this.traffic = new Traffic({ url: () => through().url, ...options });
    this.readinessPoll = setInterval(() => void this.pollReadiness(through().url), 500);
    return this.traffic;
  }

  /** Starts readers of some inboxes, until `verify` has seen that they missed nothing. */
  read(through: () => SpawnedProgram, clients: readonly string[] = READ_CLIENTS): Readers {
    this.readers = new Readers(clients, () => through().url);
    return this.readers;
  }

  /**
   * Waits for the last delivery, prints the counts, and fails unless every acknowledged message is stored or failed
   * and every reader has seen the stored ones.
   */
  async verify(store: FaultStore, timeoutMs = 90_000): Promise<Findings> {
    await this.traffic?.stop();
    const acknowledged = this.traffic?.acknowledged ?? new Map<string, string[]>();
    let findings = check({ acknowledged, stored: new Map(), failed: [] });
    await eventually(
      async () => {
        findings = check({ acknowledged, stored: await store.stored(), failed: await store.failed() });
        return findings.lost.length === 0;
      },
      () => summarize(findings),
      timeoutMs,
    );
    process.stdout.write(`        ${summarize(findings)}\n`);
    expect(findings.counts.acknowledged, 'acknowledged').to.be.greaterThan(100);
    expect(findings).to.deep.include({ lost: [], doubled: [], swapped: [] });
    await this.verifyReaders(store);
    return findings;
  }

  async end(): Promise<void> {
    clearInterval(this.readinessPoll);
    await Promise.all([this.traffic?.stop(), this.readers?.stop()]);
    for (const program of this.programs) program.kill('SIGKILL');
    await Promise.all(this.programs.map((program) => program.ended));
  }

  private async verifyReaders(store: FaultStore): Promise<void> {
    if (this.readers === undefined) return;
    await this.readers.finish();
    const { counts, ...found } = checkReaders(this.readers.history, await store.stored());
    process.stdout.write(`        ${summarizeReaders({ counts, ...found })}\n`);
    expect(counts.read, 'read').to.be.greaterThan(100);
    expect(counts.positionChecks, 'read positions checked').to.be.greaterThan(0);
    if (found.unexplained.length > 0)
      for (const program of this.programs) process.stdout.write(program.errors());
    for (const [name, texts] of Object.entries(found)) expect(texts, name).to.deep.equal([]);
  }

  private async pollReadiness(url: string): Promise<void> {
    try {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      const { dependencies } = (await response.json()) as Readiness;
      for (const [name, { state }] of Object.entries(dependencies))
        if (state === 'down') this.reportedDown.add(name);
    } catch {
      // The program was just killed, or does not answer now. The next poll shows its state.
    }
  }
}
