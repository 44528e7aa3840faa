import type { NewRecord } from '../../../application/ports/record-log.js';
import type { BatchProducer, PlacedRecord } from './batch-producer.js';
import type { PartitionLeaders } from './partition-leaders.js';

/** Opens a producer of `PlacedRecord`s to the broker at this address, which must lead their partitions. */
export type NewLeaderProducer = (leader: string) => BatchProducer;

export function placed(records: readonly NewRecord[], partition: number): PlacedRecord[] {
  return records.map(({ key, value, headers }) => ({ key, value, headers, partition }));
}

/** Sends to one partition, through the broker that leads it at that time. Must be discarded after an error. */
export class PartitionProducer implements BatchProducer {
  private producer: BatchProducer | undefined;
  private leader: string | undefined;
  private discarded = false;

  constructor(
    private readonly partition: number,
    private readonly leaders: PartitionLeaders,
    private readonly newProducer: NewLeaderProducer,
  ) {}

  get hasProduced(): boolean {
    return this.producer?.hasProduced ?? false;
  }

  async send(records: readonly NewRecord[]): Promise<void> {
    const { partition, leaders } = this;
    try {
      const leader = await this.open();
      const producer = (this.producer ??= this.newProducer(leader));
      await leaders.whileLeading(leader, [partition], producer.send(placed(records, partition)));
    } catch (error) {
      void leaders.refresh();
      throw error;
    }
  }

  async discard(): Promise<void> {
    this.discarded = true;
    await this.producer?.discard();
  }

  /** Returns the partition's leader. Discards the producer if the leader has changed. */
  private async open(): Promise<string> {
    const { partition, leaders } = this;
    if (leaders.leaderOf(partition) !== this.leader) {
      void this.producer?.discard();
      this.producer = undefined;
    }
    if (leaders.leaderOf(partition) === undefined) await leaders.refresh();
    this.leader = leaders.leaderOf(partition);
    if (this.discarded) throw new Error('Given up');
    if (this.leader === undefined) throw new Error(`Partition ${String(partition)} has no leader`);
    return this.leader;
  }
}
