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

/** `lose-responses`, `slow-network` and `isolate` disturb the connections of one program to one server. */
export type FaultKind =
  | 'kill'
  | 'freeze'
  | 'step-down'
  | 'terminate'
  | 'lose-responses'
  | 'slow-network'
  | 'isolate'
  | 'clock-step';

/** One fault. It begins at `at` milliseconds from the start of the campaign and lasts `lasts` milliseconds. */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: Target;
  /** The server at the other end of the disturbed connections. */
  readonly peer?: ServerName;
  readonly at: number;
  readonly durationMs: number;
  /** The step of the clock, in milliseconds. */
  readonly stepMs?: number;
}

/** A kind of fault, with all groups, peers and clock steps it may have. */
interface FaultSpec {
  readonly kind: FaultKind;
  /** The fault is applied to one target of a group, for each group separately. */
  readonly groups: readonly (readonly Target[])[];
  readonly peers?: readonly (readonly ServerName[])[];
  readonly stepsMs?: readonly number[];
  readonly durationMs: readonly [number, number];
  /** How often it is scheduled, relative to the others. */
  readonly weight?: number;
}

/** One group, peer group and clock step of a spec. The members of the groups are still to be chosen. */
interface FaultVariant {
  readonly kind: FaultKind;
  readonly targets: readonly Target[];
  readonly peers?: readonly ServerName[];
  readonly stepMs?: number;
  readonly durationMs: readonly [number, number];
}

const HOUR_MS = 3_600_000;
const ALL_GROUPS = [BROKERS, NODES, APIS, RECEIVERS];
const PROGRAM_GROUPS = [APIS, RECEIVERS];
const PEERS = [BROKERS, NODES];
const SPECS: readonly FaultSpec[] = [
  { kind: 'kill', groups: ALL_GROUPS, durationMs: [500, 12_000], weight: 2 },
  { kind: 'freeze', groups: ALL_GROUPS, durationMs: [10_000, 40_000] },
  { kind: 'step-down', groups: [NODES], durationMs: [1_000, 1_000], weight: 2 },
  { kind: 'terminate', groups: ALL_GROUPS, durationMs: [100, 5_000] },
  { kind: 'lose-responses', groups: PROGRAM_GROUPS, peers: PEERS, durationMs: [2_000, 8_000] },
  { kind: 'slow-network', groups: PROGRAM_GROUPS, peers: PEERS, durationMs: [5_000, 15_000] },
  { kind: 'isolate', groups: PROGRAM_GROUPS, peers: PEERS, durationMs: [8_000, 30_000] },
  { kind: 'clock-step', groups: PROGRAM_GROUPS, stepsMs: [HOUR_MS, -HOUR_MS], durationMs: [5_000, 20_000] },
];
const VARIANTS: readonly FaultVariant[] = SPECS.flatMap(variantsOf);

/** The shortest and the longest time between the starts of two faults. */
const INTERVAL_MS = [1_500, 5_000] as const;
/** The same in a campaign long enough to repeat every fault, so that messages get through in between. */
const LONG_CAMPAIGN_INTERVAL_MS = [2_000, 13_000] as const;
const LONG_CAMPAIGN_MS = 1_200_000;
/** How long a target has no fault after the last one, so that some work gets done between two. */
const RECOVERY_MS = 4_000;

/**
 * Returns the faults of a campaign of `lengthMs`, the same for the same seed. All variants are used, in random order,
 * before one is used again. Several faults may be active at once, but only one per target. All have ended at the end.
 */
export function scheduleFaults(seed: number, lengthMs: number): Fault[] {
  const random = seededRandom(seed);
  const [shortest, longest] = lengthMs < LONG_CAMPAIGN_MS ? INTERVAL_MS : LONG_CAMPAIGN_INTERVAL_MS;
  const freeAt = new Map<Target, number>();
  const faults: Fault[] = [];
  let remaining: FaultVariant[] = [];
  for (let at = between(shortest, longest, random); at < lengthMs; at += between(shortest, longest, random)) {
    if (remaining.length === 0) remaining = shuffled(VARIANTS, random);
    const variant = remaining.pop();
    const targets = variant?.targets.filter((target) => (freeAt.get(target) ?? 0) <= at) ?? [];
    if (variant === undefined || targets.length === 0) continue;
    const { kind, peers, stepMs } = variant;
    const target = pick(targets, random);
    const endsAt = Math.min(at + between(...variant.durationMs, random), lengthMs);
    freeAt.set(target, endsAt + RECOVERY_MS);
    const peer = peers && { peer: pick(peers, random) };
    faults.push({
      kind,
      target,
      at,
      durationMs: endsAt - at,
      ...peer,
      ...(stepMs !== undefined && { stepMs }),
    });
  }
  return faults;
}

function variantsOf({ kind, groups, peers, stepsMs, durationMs, weight = 1 }: FaultSpec): FaultVariant[] {
  const variants = groups.flatMap((targets): FaultVariant[] => {
    if (peers) return peers.map((group) => ({ kind, targets, durationMs, peers: group }));
    if (stepsMs) return stepsMs.map((stepMs) => ({ kind, targets, durationMs, stepMs }));
    return [{ kind, targets, durationMs }];
  });
  return Array.from({ length: weight }, () => variants).flat();
}

function shuffled<T>(from: readonly T[], random: () => number): T[] {
  const keyed = from.map((item) => [random(), item] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}
