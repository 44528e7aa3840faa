import mongoose from 'mongoose';
import { elapsed } from '../clock.js';
import type { Program, LinkMode } from '../program.js';
import type { Fault, FaultKind } from '../schedule.js';
import type { System } from '../system.js';

type End = () => Promise<void> | void;

const LINK_MODES = {
  isolate: 'isolated',
  'slow-network': 'slow',
  'lose-responses': 'losing',
} as const satisfies Partial<Record<FaultKind, LinkMode>>;

interface ActiveFault {
  readonly since: number;
  readonly end: End;
}

/** Injects the scheduled faults and ends them. */
export class FaultInjector {
  /** The durations of the faults in milliseconds, by kind, target and peer. */
  readonly durations = new Map<string, number[]>();
  private readonly active = new Map<Fault, ActiveFault>();

  constructor(private readonly system: System) {}

  async begin(fault: Fault): Promise<void> {
    const since = elapsed();
    const end = await this.apply(fault);
    if (end !== undefined) this.active.set(fault, { since, end });
  }

  async end(fault: Fault): Promise<void> {
    const active = this.active.get(fault);
    if (active === undefined) return;
    this.active.delete(fault);
    const durationMs = elapsed() - active.since;
    const name = nameOf(fault);
    this.durations.set(name, [...(this.durations.get(name) ?? []), durationMs]);
    await active.end();
  }

  /** Ends all faults that are still active. */
  async endAll(): Promise<void> {
    await Promise.all([...this.active.keys()].map((fault) => this.end(fault)));
  }

  private async apply(fault: Fault): Promise<End | undefined> {
    const { kind, target } = fault;
    const program = this.system.program(target);
    if (program) return applyToProgram(program, fault, this.system);
    const server = this.system.server(target);
    if (!server) throw new Error(`There is no ${target}`);
    if (kind === 'step-down') return (await stepDown(this.system)) ? () => undefined : undefined;
    if (kind === 'freeze') {
      await server.pause();
      return () => server.resume();
    }
    await (kind === 'terminate' ? server.stop() : server.kill());
    return () => server.start();
  }
}

async function applyToProgram(program: Program, fault: Fault, system: System): Promise<End> {
  const { kind, peer, stepMs = 0 } = fault;
  switch (kind) {
    case 'kill':
      await program.kill();
      return () => program.start();
    case 'freeze':
      program.freeze();
      return () => program.unfreeze();
    case 'terminate':
      await program.terminate();
      return () => program.start();
    case 'clock-step':
      program.stepClock(stepMs);
      return () => program.stepClock(0);
    case 'isolate':
    case 'slow-network':
    case 'lose-responses':
      return disturbLink(program, LINK_MODES[kind], peer && system.server(peer)?.port);
    case 'step-down':
      throw new Error('A program has no primary to step down.');
  }
}

function disturbLink(program: Program, mode: LinkMode, port: number | undefined): End {
  if (port === undefined) throw new Error('A disturbed connection has a server at its other end.');
  program.disturb(port, mode);
  return () => program.disturb(port, undefined);
}

/** Makes the primary step down for 10 s. Resolves with false if no primary answers. */
async function stepDown({ mongo }: System): Promise<boolean> {
  const client = new mongoose.mongo.MongoClient(mongo.address, { serverSelectionTimeoutMS: 2_000 });
  try {
    await client.db('admin').command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close().catch(() => undefined);
  }
}

function nameOf({ kind, target, peer, stepMs }: Fault): string {
  const step = stepMs === undefined ? '' : stepMs > 0 ? ' ahead' : ' back';
  return `${kind}${step} ${groupOf(target)}${peer === undefined ? '' : ` to ${groupOf(peer)}`}`;
}

/** Returns the name without its number, because it does not matter which broker or node it is. */
const groupOf = (target: string): string => target.replace(/-\d$/, '');
