/** A committed state: the latest version of each document, and the commits that led to it. */
export interface Committed {
  readonly documents: ReadonlyMap<string, Version>;
  readonly commits: readonly Commit[];
}

/** Two versions of a document are the same only if they are the same object. */
interface Version {
  readonly value: unknown;
}

export interface Commit {
  readonly by: string;
  readonly result: string;
  readonly before: Committed;
}

/** What a transaction decided from its snapshot. */
export interface Decided {
  readonly result: string;
  /** An undefined value deletes the document. */
  readonly writes: ReadonlyMap<string, unknown>;
  /** The documents whose writes fail if another transaction has written them since the snapshot; the others overwrite. */
  readonly checked: ReadonlySet<string>;
}

export type Read = (key: string) => unknown;

export interface Actor {
  readonly name: string;
  /** Must be a pure function. */
  decide(read: Read): Decided;
}

type Phase = Committed | 'to-begin' | 'done';

export function committed(documents: ReadonlyMap<string, unknown>): Committed {
  return { documents: new Map([...documents].map(([key, value]) => [key, { value }])), commits: [] };
}

export function reader({ documents }: Committed): Read {
  return (key) => documents.get(key)?.value;
}

/**
 * Runs transactions with snapshot reads and first-committer-wins: a transaction that writes a document with a
 * later version than in its snapshot begins again.
 */
export class Transactions {
  private readonly decisions = new Map<Actor, Map<Committed, Decided>>();
  private readonly successors = new Map<Committed, Map<Decided, Committed>>();

  constructor(private readonly actors: readonly Actor[]) {}

  /** Returns the final states of all interleavings of the actors. */
  allFinalStates(start: Committed): ReadonlySet<Committed> {
    const finalStates = new Set<Committed>();
    this.explore(
      start,
      this.actors.map(() => 'to-begin'),
      0,
      finalStates,
    );
    return finalStates;
  }

  /** Returns the final states if the actors run one after the other, in every order. */
  serialFinalStates(start: Committed): Committed[] {
    return permutations(this.actors).map((order) =>
      order.reduce((state, actor) => this.commit(state, state, actor) ?? state, start),
    );
  }

  /**
   * Between two commits, transactions begin in the order of the actors, because that order does not affect
   * the result.
   */
  private explore(
    now: Committed,
    phases: readonly Phase[],
    firstToBegin: number,
    finalStates: Set<Committed>,
  ): void {
    if (phases.every((phase) => phase === 'done')) finalStates.add(now);
    phases.forEach((phase, at) => {
      if (phase === 'done') return;
      if (phase === 'to-begin') {
        if (at >= firstToBegin) this.explore(now, phases.with(at, now), at + 1, finalStates);
        return;
      }
      const next = this.commit(phase, now, this.actors[at] as Actor);
      this.explore(next ?? now, phases.with(at, next ? 'done' : 'to-begin'), 0, finalStates);
    });
  }

  /** Returns undefined if the transaction lost to a conflict. */
  private commit(snapshot: Committed, now: Committed, actor: Actor): Committed | undefined {
    const decided = this.decided(snapshot, actor);
    for (const key of decided.checked) {
      if (snapshot.documents.get(key) !== now.documents.get(key)) return undefined;
    }
    const successors = cached(this.successors, now, () => new Map<Decided, Committed>());
    return cached(successors, decided, () => applied(now, decided, actor.name));
  }

  private decided(snapshot: Committed, actor: Actor): Decided {
    const decisions = cached(this.decisions, actor, () => new Map<Committed, Decided>());
    return cached(decisions, snapshot, () => actor.decide(reader(snapshot)));
  }
}

function applied(before: Committed, { writes, result }: Decided, by: string): Committed {
  const documents = new Map(before.documents);
  for (const [key, value] of writes) {
    if (value === undefined) documents.delete(key);
    else documents.set(key, { value });
  }
  return { documents, commits: [...before.commits, { by, result, before }] };
}

function cached<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = make();
  map.set(key, created);
  return created;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
