import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../application/ports/clock.js';
import type { DependencyHealth } from '../../application/ports/dependency-health.js';
import type { FailureCounts } from './failure-counts.js';

/** The lag of one consumer group in one partition. */
export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

/** The sources of the gauges, read at each scrape. They return known values and must not wait for a dependency. */
export interface GaugeSources {
  readonly dependencies: readonly DependencyHealth[];
  /** For the partitions assigned to this process. */
  readonly lag: () => readonly PartitionLag[];
  /** Queue sizes by queue name. */
  readonly queues: () => Readonly<Record<string, number>>;
  /** In bytes. */
  readonly bodyMemory: () => number;
}

export function registerGauges(registry: Registry, sources: GaugeSources): void {
  gauge(registry, 'dependency_up', '1 while the dependency answers', ['dependency'], (self) => {
    for (const health of sources.dependencies) {
      self.set({ dependency: health.dependency }, health.status().state === 'down' ? 0 : 1);
    }
  });
  gauge(registry, 'lag_records', 'Records not yet delivered', ['group', 'topic', 'partition'], (self) => {
    for (const { group, topic, partition, records } of sources.lag())
      self.set({ group, topic, partition }, records);
  });
  gauge(registry, 'queue_size', 'Entries waiting in this process', ['queue'], (self) => {
    for (const [queue, size] of Object.entries(sources.queues())) self.set({ queue }, size);
  });
  gauge(registry, 'body_memory_bytes', 'Bytes held by the bodies of unanswered requests', [], (self) => {
    self.set(sources.bodyMemory());
  });
}

/**
 * Registers gauges of all failures in the ledger, the same in every process. They are absent while the store is down.
 */
export function registerFailureGauges(
  registry: Registry,
  counts: Pick<FailureCounts, 'recent'>,
  clock: Pick<Clock, 'now'>,
): void {
  gauge(registry, 'failures_unresolved', 'Failed messages that are not closed', [], (self) => {
    const summary = counts.recent();
    if (summary !== undefined) self.set(summary.open);
  });
  gauge(registry, 'failures_oldest_age_seconds', 'Age of the oldest unresolved failure', [], (self) => {
    const summary = counts.recent();
    if (summary === undefined) return;
    const oldest = summary.oldestFailedAt ?? clock.now();
    // eslint-disable-next-line no-restricted-syntax -- the age of a stored time
    self.set(Math.max(0, clock.now() - oldest) / 1000);
  });
}

type Collect<L extends string> = (self: Gauge<L>) => void | Promise<void>;

function gauge<L extends string>(
  registers: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
  collect: Collect<L>,
): void {
  new Gauge<L>({
    name: `postrider_${name}`,
    help,
    labelNames,
    registers: [registers],
    async collect() {
      // Remove series without a current value, such as a partition that is now assigned to another process.
      if (labelNames.length === 0) this.remove();
      else this.reset();
      await collect(this);
    },
  });
}
