import { mongo } from 'mongoose';
import type {
  ConsumerPositions,
  LedgerPositions,
  PartitionPosition,
} from '../../../application/ports/ledger.js';
import type { ConsumerPosition } from '../../../domain/delivery/consumer-position.js';
import { ORIGIN, PROBE, type PositionDocument, type PositionKey } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { MongoStore } from '../connection/mongo-store.js';

type Write = mongo.AnyBulkWriteOperation<PositionDocument>;

/** Stores one document per group, topic and partition, outside the transactions that settle messages. */
export class MongoConsumerPositions implements ConsumerPositions {
  constructor(private readonly connection: MongoConnection) {}

  async of(group: string, topic: string): Promise<LedgerPositions> {
    const known = await this.connection.use('reads', ({ positions }) => positions.findOne({ _id: ORIGIN }));
    const beganEmpty = known ? known.empty : await this.connection.use('writes', decideOrigin);
    const documents = await this.connection.use('reads', (store) =>
      positionsOf(store, group, topic).toArray(),
    );
    return { positions: new Map(documents.flatMap(toPosition)), beganEmpty: beganEmpty ?? false };
  }

  advance(positions: readonly PartitionPosition[]): Promise<void> {
    return this.write(positions, ({ next }) => ({ $gte: [next, { $ifNull: ['$next', 0] }] }));
  }

  reset(positions: readonly PartitionPosition[]): Promise<void> {
    return this.write(positions, () => true);
  }

  private async write(
    positions: readonly PartitionPosition[],
    when: (position: ConsumerPosition) => unknown,
  ): Promise<void> {
    if (positions.length === 0) return;
    const writes = positions.map(({ position, ...partition }): Write => {
      const _id = keyOf(partition);
      // `$literal`, because names and hashes may begin with a dollar sign.
      const changed = { $cond: [when(position), { $literal: { _id, ...position } }, '$$ROOT'] };
      return { updateOne: { filter: { _id }, update: [{ $replaceWith: changed }], upsert: true } };
    });
    await this.connection.use('writes', (store) => store.positions.bulkWrite(writes, { ordered: false }));
  }
}

function keyOf({ group, topic, partition }: PositionKey): PositionKey {
  return { group, topic, partition };
}

/** Records whether the ledger is empty, unless a process has recorded it before. Returns what is recorded. */
async function decideOrigin({ messages, positions }: MongoStore): Promise<boolean | undefined> {
  // Failures are in the same collection.
  const found = await messages.findOne({ _id: { $ne: PROBE } }, { projection: { _id: 1 } });
  const decided = await positions.findOneAndUpdate(
    { _id: ORIGIN },
    { $setOnInsert: { empty: found === null } },
    { upsert: true, returnDocument: 'after' },
  );
  return decided?.empty;
}

/** Selects by a range of `_id`, so that its index is used. */
export function positionsOf(
  { positions }: MongoStore,
  group: string,
  topic: string,
): mongo.FindCursor<mongo.WithId<PositionDocument>> {
  const [from, to] = [new mongo.MinKey(), new mongo.MaxKey()];
  const range = { $gt: { group, topic, partition: from }, $lt: { group, topic, partition: to } };
  return positions.find({ _id: range } as unknown as mongo.Filter<PositionDocument>);
}

function toPosition({ _id, next, lost = 0, last }: PositionDocument): [number, ConsumerPosition][] {
  if (_id === ORIGIN || next === undefined) return [];
  return [[_id.partition, last ? { next, lost, last } : { next, lost }]];
}
