import type { Consumer, EachBatchPayload } from 'kafkajs';
import { metadataOf } from './offsets/group-offset.js';
import type { PartitionCommit } from './offset-commits.js';

/** What may be done to the one topic of a kafkajs consumer. On one that has ended, nothing happens. */
export class ConsumerControl {
  private commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
  ) {}

  /** Keeps what only a batch brings along. */
  learnFrom(payload: EachBatchPayload): void {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- a closure, which does not keep the batch
    this.commitOnce ??= payload.commitOffsetsIfNecessary;
  }

  pause(partition: number): void {
    this.ifAlive(() => {
      this.consumer.pause([{ topic: this.topic, partitions: [partition] }]);
    });
  }

  resume(partition: number): void {
    this.ifAlive(() => {
      this.consumer.resume([{ topic: this.topic, partitions: [partition] }]);
    });
  }

  seek(partition: number, offset: number): void {
    this.ifAlive(() => {
      this.consumer.seek({ topic: this.topic, partition, offset: String(offset) });
    });
  }

  /** In one try where possible: repeated by kafkajs, a commit may outlive the assignment that it belongs to. */
  commit(commits: readonly PartitionCommit[]): Promise<void> {
    const { topic } = this;
    const partitions = commits.map(({ partition, position }) => {
      return { partition, offset: String(position.next), metadata: metadataOf(position) };
    });
    if (this.commitOnce) return this.commitOnce({ topics: [{ topic, partitions }] });
    return this.consumer.commitOffsets(partitions.map((commit) => ({ topic, ...commit })));
  }

  /** kafkajs throws from these three once it has stopped, which it does by itself before it tells of a crash. */
  private ifAlive(work: () => void): void {
    try {
      work();
    } catch {
      // Its partitions are no longer ours to handle.
    }
  }
}
