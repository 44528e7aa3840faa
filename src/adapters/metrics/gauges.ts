import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../application/ports/clock.js';
import type { DependencyHealth } from '../../application/ports/dependency-health.js';
import type { FailureCounts } from './failure-counts.js';

/** How far one consumer group is behind in one partition. */
export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

/** What is measured when Prometheus asks. Each source answers at once, from what it knows. */
export interface GaugeSources {
  readonly dependencies: readonly DependencyHealth[];
  /** Of the partitions assigned to this process. */
  readonly lag: () => readonly PartitionLag[];
  /** Sizes by name. */
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
  gauge(registry, 'queue_size', 'Entries that wait in this process', ['queue'], (self) => {
    for (const [queue, size] of Object.entries(sources.queues())) self.set({ queue }, size);
  });
  gauge(registry, 'body_memory_bytes', 'Bytes of the bodies of unanswered requests', [], (self) => {
    self.set(sources.bodyMemory());
  });
}

/** The ledger's view of failures, the same from every process, as it was counted last. While the store is down there is none. */
export function registerFailureGauges(
  registry: Registry,
  counts: Pick<FailureCounts, 'recent'>,
  clock: Pick<Clock, 'now'>,
): void {
  gauge(registry, 'failures_unresolved', 'Failed messages that nobody has closed', [], (self) => {
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
      // What is gone (a partition assigned elsewhere, an answer of the store) must not stand for ever.
      if (labelNames.length === 0) this.remove();
      else this.reset();
      await collect(this);
    },
  });
}
