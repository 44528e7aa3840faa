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
  readonly lasts: number;
  /** The step of the clock, in milliseconds. */
  readonly stepMs?: number;
}

interface Plan {
  readonly kind: FaultKind;
  /** The fault strikes one of each group. */
  readonly groups: readonly (readonly Target[])[];
  readonly peers?: readonly (readonly ServerName[])[];
  readonly stepsMs?: readonly number[];
  readonly lasts: readonly [number, number];
  /** How often it is dealt, relative to the others. */
  readonly weight?: number;
}

/** A plan with its choices made, but for the members of the groups. */
interface Card {
  readonly kind: FaultKind;
  readonly targets: readonly Target[];
  readonly peers?: readonly ServerName[];
  readonly stepMs?: number;
  readonly lasts: readonly [number, number];
}

const HOUR_MS = 3_600_000;
const EVERYTHING = [BROKERS, NODES, APIS, RECEIVERS];
const PROGRAM_GROUPS = [APIS, RECEIVERS];
const PEERS = [BROKERS, NODES];
const PLANS: readonly Plan[] = [
  { kind: 'kill', groups: EVERYTHING, lasts: [500, 12_000], weight: 2 },
  { kind: 'freeze', groups: EVERYTHING, lasts: [10_000, 40_000] },
  { kind: 'step-down', groups: [NODES], lasts: [1_000, 1_000], weight: 2 },
  { kind: 'terminate', groups: EVERYTHING, lasts: [100, 5_000] },
  { kind: 'lose-responses', groups: PROGRAM_GROUPS, peers: PEERS, lasts: [2_000, 8_000] },
  { kind: 'slow-network', groups: PROGRAM_GROUPS, peers: PEERS, lasts: [5_000, 15_000] },
  { kind: 'isolate', groups: PROGRAM_GROUPS, peers: PEERS, lasts: [8_000, 30_000] },
  { kind: 'clock-step', groups: PROGRAM_GROUPS, stepsMs: [HOUR_MS, -HOUR_MS], lasts: [5_000, 20_000] },
];
const DECK: readonly Card[] = PLANS.flatMap(cardsOf);

/** The shortest and the longest time between the starts of two faults. */
const PAUSE_MS = [1_500, 5_000] as const;
/** The same in a campaign that is long enough to repeat every fault, so that messages get through in between. */
const LONG_PAUSE_MS = [2_000, 13_000] as const;
const LONG_MS = 1_200_000;
/** A target is left alone for so long after a fault, so that some work gets done between two. */
const RECOVERY_MS = 4_000;

/**
 * The faults of a campaign of so many milliseconds, the same for the same seed. They are dealt like cards: each comes
 * before any comes again. Several may be under way at once, but one target has one at a time. All are over at the end.
 */
export function scheduleFaults(seed: number, lengthMs: number): Fault[] {
  const random = seededRandom(seed);
  const [shortest, longest] = lengthMs < LONG_MS ? PAUSE_MS : LONG_PAUSE_MS;
  const free = new Map<Target, number>();
  const faults: Fault[] = [];
  let deck: Card[] = [];
  for (let at = between(shortest, longest, random); at < lengthMs; at += between(shortest, longest, random)) {
    if (deck.length === 0) deck = shuffled(DECK, random);
    const card = deck.pop();
    const targets = card?.targets.filter((target) => (free.get(target) ?? 0) <= at) ?? [];
    if (card === undefined || targets.length === 0) continue;
    const { kind, peers, stepMs } = card;
    const target = pick(targets, random);
    const end = Math.min(at + between(...card.lasts, random), lengthMs);
    free.set(target, end + RECOVERY_MS);
    const peer = peers && { peer: pick(peers, random) };
    faults.push({ kind, target, at, lasts: end - at, ...peer, ...(stepMs !== undefined && { stepMs }) });
  }
  return faults;
}

function cardsOf({ kind, groups, peers, stepsMs, lasts, weight = 1 }: Plan): Card[] {
  const cards = groups.flatMap((targets): Card[] => {
    if (peers) return peers.map((group) => ({ kind, targets, lasts, peers: group }));
    if (stepsMs) return stepsMs.map((stepMs) => ({ kind, targets, lasts, stepMs }));
    return [{ kind, targets, lasts }];
  });
  return Array.from({ length: weight }, () => cards).flat();
}

function shuffled<T>(from: readonly T[], random: () => number): T[] {
  const keyed = from.map((item) => [random(), item] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}
