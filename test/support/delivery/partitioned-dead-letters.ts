import { PartitionedSendQueue } from '../../../src/application/sending/queue/partitioned-send-queue.js';
import type { NewRecord } from '../../../src/application/ports/record-log.js';
import { DeliveryWorld, type WorldOptions } from './delivery-world.js';
import { FailingPartitions } from '../sending/failing-partitions.js';

export interface PartitionedWorld {
  readonly world: DeliveryWorld;
  /** The partitions of the dead-letter topic. */
  readonly partitions: FailingPartitions;
}

/** A world whose engines publish dead letters to partitions that fail independently. */
export function partitionedWorld(options: WorldOptions = {}): PartitionedWorld {
  const onWritten = (partition: number, records: readonly NewRecord[]): void => {
    for (const record of records)
      world.feed.append('dead-letters', partition, { ...record, timestamp: world.clock.now() });
  };
  const world: DeliveryWorld = new DeliveryWorld({
    ...options,
    deadLetters: ({ clock }) => new PartitionedSendQueue(partitions, clock, { timeoutMs: 5_000 }),
  });
  const partitions = new FailingPartitions(world.clock, { partitionOf, onWritten });
  return { world, partitions };
}

/**
 * Partitions of the dead-letter topic: 0 for d and a, 1 for b and c. Those of b and d share a partition of the message
 * topic.
 */
function partitionOf({ key }: NewRecord): number {
  return Math.floor((key?.[0] ?? 0) / 2) % 2;
}
