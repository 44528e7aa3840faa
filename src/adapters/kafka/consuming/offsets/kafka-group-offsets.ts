import type { Admin } from 'kafkajs';
import { DependencyUnavailable } from '../../../../application/errors.js';
import type { GroupOffsets, Offsets } from '../../../../application/ports/legacy.js';
import { fetchGroupOffsets } from './group-offset.js';

interface Broker {
  ask<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
}

/** Reads and sets a group's offsets. Sets no metadata, which means that nothing was lost (see `metadataOf`). */
export class KafkaGroupOffsets implements GroupOffsets {
  constructor(private readonly broker: Broker) {}

  committed(group: string, topic: string): Promise<Offsets> {
    return this.ask(async (admin) => {
      // A request for a missing topic would create it on brokers that create topics automatically.
      if (!(await admin.listTopics()).includes(topic)) return new Map();
      const found = await fetchGroupOffsets(admin, group, topic);
      return new Map(
        [...found].flatMap(([partition, { next }]) =>
          next === undefined ? [] : [[partition, next] as const],
        ),
      );
    });
  }

  hasMembers(group: string): Promise<boolean> {
    return this.ask(async (admin) => {
      const { groups } = await admin.describeGroups([group]);
      return groups.some(({ state }) => state !== 'Empty' && state !== 'Dead');
    });
  }

  async set(group: string, topic: string, offsets: Offsets): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await this.ask((admin) => admin.setOffsets({ groupId: group, topic, partitions }));
    const committed = await this.committed(group, topic);
    for (const [partition, offset] of offsets) {
      if (committed.get(partition) === offset) continue;
      throw new DependencyUnavailable('log', new Error(`partition ${String(partition)} was not set`));
    }
  }

  private async ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await this.broker.ask(work);
    } catch (error) {
      throw new DependencyUnavailable('log', error);
    }
  }
}
