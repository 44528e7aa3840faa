import {
  PartitionCheck,
  type Misplaced,
  type PartitionOf,
  type TopicLayout,
} from '../../domain/delivery/partition-check.js';
import type { RecordPosition } from '../../domain/identity.js';
import type { Clock } from '../ports/clock.js';
import type { Logger, Telemetry } from '../ports/telemetry.js';

/** Checks whether a record is in the partition of its recipient. Called for each record, so it must be cheap. */
export type CheckPartition = (record: RecordPosition, recipient: string) => void;

interface Reporting {
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly telemetry: Pick<Telemetry, 'misplaced'>;
  readonly logger: Logger;
}

const WARNING_INTERVAL_MS = 60_000;

/** Counts the records that another program wrote to the wrong partition, and warns of them at most once a minute. */
export class MisplacedRecords {
  readonly check: CheckPartition;
  private readonly partitions: PartitionCheck;
  /** Counted since the last warning. */
  private unreported: Misplaced | undefined;
  private warnedAt = -Infinity;

  constructor(
    partitionOf: PartitionOf,
    private readonly reporting: Reporting,
  ) {
    const partitions = new PartitionCheck(partitionOf);
    this.partitions = partitions;
    this.check = (record, recipient) => {
      partitions.check(record, recipient);
    };
  }

  /** Takes the topic's layout. Must be called every few seconds, because only later layouts confirm a finding. */
  observe(layout: TopicLayout): void {
    const { clock, telemetry } = this.reporting;
    const found = this.partitions.observe(layout, clock.elapsed());
    if (found) {
      telemetry.misplaced(found.count);
      const { count = 0, example = found.example } = this.unreported ?? {};
      this.unreported = { count: count + found.count, example };
    }
    if (this.unreported && clock.elapsed() - this.warnedAt >= WARNING_INTERVAL_MS) this.warn(this.unreported);
  }

  private warn({ count, example }: Misplaced): void {
    const { clock, logger } = this.reporting;
    this.warnedAt = clock.elapsed();
    this.unreported = undefined;
    const { topic, partition, offset, recipientPartition } = example;
    logger.warn('log.records-misplaced', { count, topic, partition, offset, recipientPartition });
  }
}
