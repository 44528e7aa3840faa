import { SendFailed } from '../../../application/errors.js';
import { groupBy } from '../../../application/group-by.js';
import type { Clock } from '../../../application/ports/clock.js';
import type {
  GroupResult,
  PartitionedLog,
  RecordGroup,
  NewRecord,
  RecordLog,
} from '../../../application/ports/record-log.js';
import { sleep } from '../../../application/timing.js';
import type { BatchProducer, LeaderOptions } from './batch-producer.js';
import { canBeRetried, errorKind } from '../kafka-errors.js';
import type { KafkaHealth } from '../kafka-health.js';
import { KafkaRecordLog } from './kafka-record-log.js';
import { LeaderAttempts } from './leader-attempts.js';
import { PartitionProducer } from './leader-producer.js';
import type { PartitionLeaders } from './partition-leaders.js';
import { partitionOf } from './partitioner.js';

export interface PartitionedLogParts {
  readonly leaders: PartitionLeaders;
  readonly newProducer: (options: LeaderOptions) => BatchProducer;
  readonly health: Pick<KafkaHealth, 'succeeded' | 'failed'>;
  readonly clock: Clock;
}

/** How long a broker waits for the replicas of a request's slowest partition before it reports which are late. */
const SHARED_REPLICATION_TIMEOUT_MS = 500;
const RETRY_MS = 500;

/** Appends to one topic in Kafka. Sends each broker the partitions that it leads, on a connection of its own. */
export class KafkaPartitionedLog implements PartitionedLog {
  private readonly attempts = new Map<string, LeaderAttempts>();
  private closed = false;

  constructor(private readonly parts: PartitionedLogParts) {}

  async ready(): Promise<void> {
    const { leaders, clock, health } = this.parts;
    while (leaders.partitions === undefined) {
      await leaders.refresh();
      if (this.closed) throw new SendFailed('not-sent', new Error('The log is closed'));
      if (leaders.partitions !== undefined) return;
      health.failed('writes', errorKind(leaders.error));
      if (!canBeRetried(leaders.error)) throw new SendFailed('not-sent', leaders.error);
      await sleep(clock, RETRY_MS);
    }
  }

  partitionOf(record: NewRecord): number {
    return partitionOf(record, this.parts.leaders.partitions ?? 1);
  }

  attempt(groups: readonly RecordGroup[]): readonly Promise<GroupResult>[] {
    const byLeader = groupBy(groups, ({ partition }) => this.parts.leaders.leaderOf(partition));
    const results = new Map<RecordGroup, Promise<GroupResult>>();
    for (const [leader, led] of byLeader) {
      if (leader === undefined) continue;
      const sent = this.attemptsOf(leader).send(led);
      led.forEach((group, index) => {
        results.set(
          group,
          sent.then((all) => all[index] ?? 'unknown'),
        );
      });
    }
    return groups.map((group) => results.get(group) ?? this.leaderless());
  }

  partition(partition: number): RecordLog {
    const { leaders, newProducer, health, clock } = this.parts;
    return new KafkaRecordLog({
      newProducer: () => new PartitionProducer(partition, leaders, (leader) => newProducer({ leader })),
      health,
      clock,
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const open = [...this.attempts.values()];
    await Promise.all([this.parts.leaders.close(), ...open.map((attempts) => attempts.close())]);
  }

  private leaderless(): Promise<GroupResult> {
    void this.parts.leaders.refresh();
    return Promise.resolve('not-sent');
  }

  private attemptsOf(leader: string): LeaderAttempts {
    const known = this.attempts.get(leader);
    if (known) return known;
    const { leaders, newProducer, health } = this.parts;
    const open = (address: string): BatchProducer =>
      newProducer({ leader: address, replicationTimeoutMs: SHARED_REPLICATION_TIMEOUT_MS });
    const created = new LeaderAttempts(leader, leaders, open, health);
    this.attempts.set(leader, created);
    return created;
  }
}
