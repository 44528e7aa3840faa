import type { Consumer, EachBatchPayload } from 'kafkajs';
import { metadataOf } from './offsets/group-offset.js';
import type { PartitionCommit } from './offset-commits.js';

/** Controls the one topic of a kafkajs consumer. After it has ended, `pause`, `resume` and `seek` do nothing. */
export class ConsumerControl {
  private commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
  ) {}

  /** Keeps the commit function that only a batch's payload has. */
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

  /** Commits without kafkajs's retries if possible: a retried commit may arrive after its assignment has ended. */
  commit(commits: readonly PartitionCommit[]): Promise<void> {
    const { topic } = this;
    const partitions = commits.map(({ partition, position }) => {
      return { partition, offset: String(position.next), metadata: metadataOf(position) };
    });
    if (this.commitOnce) return this.commitOnce({ topics: [{ topic, partitions }] });
    return this.consumer.commitOffsets(partitions.map((commit) => ({ topic, ...commit })));
  }

  /** kafkajs throws from these three methods after it has stopped, which it does before it reports a crash. */
  private ifAlive(work: () => void): void {
    try {
      work();
    } catch {
      // The partition is no longer assigned to this consumer.
    }
  }
}
