import { DomainError } from '../../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { ConsumerPositions } from '../ports/delivery/consumer-positions.js';
import type { GroupOffsets, Offsets } from '../ports/legacy-import/group-offsets.js';

/** One of our groups, and the topic that it reads. */
export interface GroupTarget {
  readonly group: string;
  readonly topic: string;
}

/** The groups do not stand as they must for one to take over from the other; nothing was set. */
export class GroupNotTaken extends DomainError {
  readonly code = 'group-not-taken';
}

/** What was, or had been, set: of how many partitions. */
export interface GroupStart extends GroupTarget {
  readonly partitions: number;
}

/** What of one group is still to be set. */
interface Missing {
  readonly target: GroupTarget;
  readonly inLedger: Offsets;
  readonly inLog: Offsets;
}

/** As long as a broker takes for a member that was killed to be gone, with kafkajs's usual session. */
const MEMBERS_LEAVE_MS = 35_000;
const POLL_EVERY_MS = 1_000;

/** Lets our groups begin where another program's group stands, before they have read anything. */
export class GroupImport {
  constructor(
    private readonly offsets: GroupOffsets,
    private readonly ledger: Pick<ConsumerPositions, 'of' | 'advance'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets what is missing, in the ledger and in the log, so that it can be run again. Rejects with `GroupNotTaken` before
   * anything is set, and with `DependencyUnavailable`. `onWait` is told of groups whose members have yet to leave.
   */
  async run(
    from: string,
    targets: readonly GroupTarget[],
    onWait: (group: string) => void,
  ): Promise<readonly GroupStart[]> {
    await this.withoutMembers(from, onWait);
    const wanted = await Promise.all(targets.map(({ topic }) => this.offsets.committed(from, topic)));
    if (wanted.every(({ size }) => size === 0)) throw unknownGroup(from, targets);
    const all = targets.map((target, index) => ({
      target,
      wanted: wanted[index] ?? new Map<number, number>(),
    }));
    for (const { target, wanted } of all) {
      const { inLedger, inLog } = await this.missing(from, target, wanted);
      if (inLedger.size + inLog.size > 0) await this.withoutMembers(target.group, onWait);
    }
    // Whoever it has waited for may have done the same.
    const missing = [];
    for (const { target, wanted } of all) missing.push(await this.missing(from, target, wanted));
    await this.set(missing);
    return all.map(({ target, wanted }) => ({ ...target, partitions: wanted.size }));
  }

  /** The ledger first: killed in between, our groups begin at its positions all the same. */
  private async set(missing: readonly Missing[]): Promise<void> {
    const rows = missing.flatMap(({ target, inLedger }) =>
      [...inLedger].map(([partition, next]) => ({ ...target, partition, position: { next, lost: 0 } })),
    );
    if (rows.length > 0) await this.ledger.advance(rows);
    for (const { target, inLog } of missing)
      if (inLog.size > 0) await this.offsets.set(target.group, target.topic, inLog);
  }

  /** Of what is wanted, what our group does not have yet. */
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

  private async withoutMembers(group: string, onWait: (group: string) => void): Promise<void> {
    for (let waited = 0; await this.offsets.hasMembers(group); waited += POLL_EVERY_MS) {
      if (waited >= MEMBERS_LEAVE_MS) throw hasMembers(group);
      if (waited === 0) onWait(group);
      await new Promise<void>((resolve) => this.clock.after(POLL_EVERY_MS, resolve));
    }
  }
}

function unknownGroup(from: string, targets: readonly GroupTarget[]): GroupNotTaken {
  const topics = targets.map(({ topic }) => topic).join(' or ');
  return new GroupNotTaken(`The group ${from} has committed no offsets in ${topics}.`);
}

function hasBegun(from: string, { group, topic }: GroupTarget, partition: number, at: number): GroupNotTaken {
  const where = `${topic}, partition ${String(partition)}, at offset ${String(at)}`;
  return new GroupNotTaken(
    `The group ${group} has begun already (${where}): it can no longer begin where ${from} stands.`,
  );
}

function hasMembers(group: string): GroupNotTaken {
  return new GroupNotTaken(
    `The group ${group} still has members: stop the programs that consume in its name.`,
  );
}
