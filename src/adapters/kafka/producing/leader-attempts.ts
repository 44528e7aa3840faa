import type { GroupResult, RecordGroup } from '../../../application/ports/record-log.js';
import type { BatchProducer } from './batch-producer.js';
import { errorKind } from '../kafka-errors.js';
import type { KafkaHealth } from '../kafka-health.js';
import { placed, type NewLeaderProducer } from './leader-producer.js';
import type { PartitionLeaders } from './partition-leaders.js';
import { resultOf } from '../kafkajs-patches/produce-results.js';

/** Sends groups to the one broker that leads their partitions, in one request and without retrying. */
export class LeaderAttempts {
  private producer: BatchProducer | undefined;
  /** The partitions that this broker led when the producer was opened. */
  private partitions = new Set<number>();
  private busy = false;

  constructor(
    private readonly leader: string,
    private readonly leaders: PartitionLeaders,
    private readonly newProducer: NewLeaderProducer,
    private readonly health: Pick<KafkaHealth, 'succeeded' | 'failed'>,
  ) {}

  /** Sends nothing and resolves with `not-sent` while an earlier request to this broker is in flight. Never rejects. */
  async send(groups: readonly RecordGroup[]): Promise<readonly GroupResult[]> {
    if (this.busy) return groups.map(() => 'not-sent');
    this.busy = true;
    const producer = this.producerFor(groups);
    try {
      const records = groups.flatMap((group) => placed(group.records, group.partition));
      const partitions = groups.map(({ partition }) => partition);
      await this.leaders.whileLeading(this.leader, partitions, producer.send(records));
      this.health.succeeded('writes');
      return groups.map(() => 'appended');
    } catch (error) {
      return this.failed(producer, error, groups);
    } finally {
      this.busy = false;
    }
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.discard();
  }

  private failed(producer: BatchProducer, error: unknown, groups: readonly RecordGroup[]): GroupResult[] {
    const results = groups.map(({ partition }) => resultOf(error, partition, producer.hasProduced));
    if (results.includes('appended')) this.health.succeeded('writes');
    else if (!results.includes('too-large')) this.health.failed('writes', errorKind(error));
    this.producer = undefined;
    void producer.discard();
    void this.leaders.refresh();
    return results;
  }

  /** Replaces the producer if a partition has moved to this broker: its metadata may still name the old leader. */
  private producerFor(groups: readonly RecordGroup[]): BatchProducer {
    const isNew = ({ partition }: RecordGroup): boolean => !this.partitions.has(partition);
    if (this.producer === undefined || groups.some(isNew)) {
      void this.producer?.discard();
      this.producer = this.newProducer(this.leader);
      this.partitions = new Set(this.leaders.ledBy(this.leader));
    }
    return this.producer;
  }
}
