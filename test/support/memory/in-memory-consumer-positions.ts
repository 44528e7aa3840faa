import type {
  ConsumerPositions,
  LedgerPositions,
  PartitionPosition,
} from '../../../src/application/ports/ledger.js';
import type { ConsumerPosition } from '../../../src/domain/delivery/consumer-position.js';

/** The positions of consumer groups in maps, by group and topic. */
export class InMemoryConsumerPositions implements ConsumerPositions {
  private readonly groups = new Map<string, Map<number, ConsumerPosition>>();
  private beganEmpty: boolean | undefined;

  constructor(private readonly isLedgerEmpty: () => boolean) {}

  of(group: string, topic: string): Promise<LedgerPositions> {
    this.beganEmpty ??= this.isLedgerEmpty();
    const positions = new Map(this.groups.get(keyOf(group, topic)));
    return Promise.resolve({ positions, beganEmpty: this.beganEmpty });
  }

  advance(positions: readonly PartitionPosition[]): Promise<void> {
    for (const { group, topic, partition, position } of positions) {
      const saved = this.in(group, topic);
      if (position.next >= (saved.get(partition)?.next ?? 0)) saved.set(partition, position);
    }
    return Promise.resolve();
  }

  reset(positions: readonly PartitionPosition[]): Promise<void> {
    for (const { group, topic, partition, position } of positions)
      this.in(group, topic).set(partition, position);
    return Promise.resolve();
  }

  private in(group: string, topic: string): Map<number, ConsumerPosition> {
    const key = keyOf(group, topic);
    const saved = this.groups.get(key) ?? new Map<number, ConsumerPosition>();
    this.groups.set(key, saved);
    return saved;
  }
}

function keyOf(group: string, topic: string): string {
  return JSON.stringify([group, topic]);
}
