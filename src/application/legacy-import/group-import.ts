import { DomainError } from '../../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { ConsumerPositions } from '../ports/ledger.js';
import type { GroupOffsets, Offsets } from '../ports/legacy.js';
import { sleep } from '../timing.js';

/** One of Postrider's groups and the topic that it reads. */
export interface GroupTarget {
  readonly group: string;
  readonly topic: string;
}

/** The groups' offsets do not allow the import. Nothing was set. */
export class GroupNotImported extends DomainError {
  readonly code = 'group-not-taken';
}

/** The number of partitions of a group whose offset is set. */
export interface GroupStart extends GroupTarget {
  readonly partitions: number;
}

/** The offsets of one group that are not set yet. */
interface Missing {
  readonly target: GroupTarget;
  readonly inLedger: Offsets;
  readonly inLog: Offsets;
}

/** How long a broker takes to remove a killed member, with the usual session timeout of kafkajs. */
const MEMBERS_TIMEOUT_MS = 35_000;
const POLL_MS = 1_000;

/** Sets the offsets of Postrider's groups to those of another program's group, before they have read anything. */
export class GroupImport {
  constructor(
    private readonly offsets: GroupOffsets,
    private readonly ledger: Pick<ConsumerPositions, 'of' | 'advance'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets the missing offsets in the ledger and in the log. Idempotent. Rejects with `GroupNotImported` before anything
   * is set, or with `DependencyUnavailable`. Calls `onWait` with each group whose members have yet to leave.
   */
  async run(
    from: string,
    targets: readonly GroupTarget[],
    onWait: (group: string) => void,
  ): Promise<readonly GroupStart[]> {
    await this.waitUntilWithoutMembers(from, onWait);
    const wanted = await Promise.all(targets.map(({ topic }) => this.offsets.committed(from, topic)));
    if (wanted.every(({ size }) => size === 0)) throw unknownGroup(from, targets);
    const all = targets.map((target, index) => ({
      target,
      wanted: wanted[index] ?? new Map<number, number>(),
    }));
    for (const { target, wanted } of all) {
      const { inLedger, inLog } = await this.missing(from, target, wanted);
      if (inLedger.size + inLog.size > 0) await this.waitUntilWithoutMembers(target.group, onWait);
    }
    // Another import may have finished during the wait.
    const missing = [];
    for (const { target, wanted } of all) missing.push(await this.missing(from, target, wanted));
    await this.set(missing);
    return all.map(({ target, wanted }) => ({ ...target, partitions: wanted.size }));
  }

  /** The ledger comes first: if the process is killed in between, the groups begin at the ledger's offsets. */
  private async set(missing: readonly Missing[]): Promise<void> {
    const rows = missing.flatMap(({ target, inLedger }) =>
      [...inLedger].map(([partition, next]) => ({ ...target, partition, position: { next, lost: 0 } })),
    );
    if (rows.length > 0) await this.ledger.advance(rows);
    for (const { target, inLog } of missing)
      if (inLog.size > 0) await this.offsets.set(target.group, target.topic, inLog);
  }

  /** Returns the wanted offsets that the group does not have yet. */
  private async missing(from: string, target: GroupTarget, wanted: Offsets): Promise<Missing> {
    const none = new Map<number, number>();
    if (wanted.size === 0) return { target, inLedger: none, inLog: none };
    const { positions } = await this.ledger.of(target.group, target.topic);
    const inLedger = new Map([...positions].map(([partition, { next }]) => [partition, next]));
    const inLog = await this.offsets.committed(target.group, target.topic);
    for (const ours of [inLog, inLedger])
      for (const [partition, offset] of ours)
        if (wanted.get(partition) !== offset) throw hasBegun(from, target, partition, offset);
    const without = (ours: Offsets) => new Map([...wanted].filter(([partition]) => !ours.has(partition)));
    return { target, inLedger: without(inLedger), inLog: without(inLog) };
  }

  private async waitUntilWithoutMembers(group: string, onWait: (group: string) => void): Promise<void> {
    for (let waited = 0; await this.offsets.hasMembers(group); waited += POLL_MS) {
      if (waited >= MEMBERS_TIMEOUT_MS) throw hasMembers(group);
      if (waited === 0) onWait(group);
      await sleep(this.clock, POLL_MS);
    }
  }
}

function unknownGroup(from: string, targets: readonly GroupTarget[]): GroupNotImported {
  const topics = targets.map(({ topic }) => topic).join(' or ');
  return new GroupNotImported(`The group ${from} has committed no offsets in ${topics}.`);
}

function hasBegun(
  from: string,
  { group, topic }: GroupTarget,
  partition: number,
  at: number,
): GroupNotImported {
  const where = `${topic}, partition ${String(partition)}, at offset ${String(at)}`;
  return new GroupNotImported(
    `The group ${group} has begun already (${where}): it can no longer begin where ${from} stands.`,
  );
}

function hasMembers(group: string): GroupNotImported {
  return new GroupNotImported(
    `The group ${group} still has members: stop the programs that consume in its name.`,
  );
}
