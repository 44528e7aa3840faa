import { between, pick, seededRandom } from './random.js';

export const BROKERS = ['broker-1', 'broker-2', 'broker-3'] as const;
export const NODES = ['mongo-1', 'mongo-2', 'mongo-3'] as const;
export const APIS = ['api-1', 'api-2'] as const;
export const RECEIVERS = ['receiver-1', 'receiver-2'] as const;
export const SERVERS = [...BROKERS, ...NODES] as const;
export const PROGRAMS = [...APIS, ...RECEIVERS] as const;

export type ServerName = (typeof SERVERS)[number];
export type ProgramName = (typeof PROGRAMS)[number];
export type Target = ServerName | ProgramName;

/** `lose-responses`, `slow-network` and `isolate` concern the connections of one program to one server. */
export type FaultKind =
  | 'kill'
  | 'freeze'
  | 'step-down'
  | 'terminate'
  | 'lose-responses'
  | 'slow-network'
  | 'isolate'
  | 'clock-step';

/** One fault, which lasts from `at` for `lasts`; milliseconds from the start of the campaign. */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: Target;
  /** The server that a program's connections are disturbed to. */
  readonly peer?: ServerName;
  readonly at: number;
  readonly lasts: number;
  /** How far the clock is stepped, in milliseconds. */
  readonly stepMs?: number;
}

interface Plan {
  readonly kind: FaultKind;
  readonly targets: readonly Target[];
  readonly lasts: readonly [number, number];
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
}

const HOUR_MS = 3_600_000;
const PLANS: readonly Plan[] = [
  { kind: 'kill', targets: [...SERVERS, ...PROGRAMS], lasts: [500, 12_000], weight: 5 },
  { kind: 'freeze', targets: [...SERVERS, ...PROGRAMS], lasts: [10_000, 40_000], weight: 3 },
  { kind: 'step-down', targets: NODES, lasts: [1_000, 1_000], weight: 2 },
  { kind: 'terminate', targets: PROGRAMS, lasts: [100, 3_000], weight: 2 },
  { kind: 'lose-responses', targets: PROGRAMS, lasts: [2_000, 8_000], weight: 3 },
  { kind: 'slow-network', targets: PROGRAMS, lasts: [5_000, 15_000], weight: 2 },
  { kind: 'isolate', targets: PROGRAMS, lasts: [8_000, 30_000], weight: 2 },
  { kind: 'clock-step', targets: PROGRAMS, lasts: [5_000, 20_000], weight: 2 },
];
const DEALT = PLANS.flatMap((plan) => Array.from({ length: plan.weight }, () => plan));

/** Between the starts of two faults. */
const PAUSE_MS = [1_500, 5_000] as const;
/** A target is left alone for so long after a fault, so that some work gets done between two. */
const RECOVERY_MS = 4_000;

/**
 * The faults of a campaign of so many milliseconds, the same for the same seed. Several may be under way at once, but
 * one target has one at a time. All are over at the end.
 */
export function scheduleFaults(seed: number, lengthMs: number): Fault[] {
  const random = seededRandom(seed);
  const free = new Map<Target, number>();
  const faults: Fault[] = [];
  for (let at = between(...PAUSE_MS, random); at < lengthMs; at += between(...PAUSE_MS, random)) {
    const fault = draw(at, random);
    const end = Math.min(at + fault.lasts, lengthMs);
    if ((free.get(fault.target) ?? 0) > at) continue;
    free.set(fault.target, end + RECOVERY_MS);
    faults.push({ ...fault, lasts: end - at });
  }
  return faults;
}

function draw(at: number, random: () => number): Fault {
  const { kind, targets, lasts } = pick(DEALT, random);
  const fault = { kind, at, target: pick(targets, random), lasts: between(...lasts, random) };
  if (kind === 'clock-step') return { ...fault, stepMs: pick([HOUR_MS, -HOUR_MS], random) };
  const needsPeer = kind === 'lose-responses' || kind === 'slow-network' || kind === 'isolate';
  return needsPeer ? { ...fault, peer: pick(SERVERS, random) } : fault;
}
