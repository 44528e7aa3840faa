import type { Clock } from '../../../application/ports/clock.js';
import type { ReadPositions } from '../../../application/ports/inbox.js';
import type { ReadPosition } from '../../../domain/inbox/message-status.js';
import { LIMITED, limited } from '../client/limited-reads.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

/**
 * Stores read positions in their own collection, because a write to an inbox document would abort deliveries to it.
 */
export class MongoReadPositions implements ReadPositions {
  constructor(
    private readonly connection: MongoConnection,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  advance(client: string, through: number): Promise<void> {
    return this.connection.use('writes', async ({ inboxes, readers }) => {
      const inbox = await inboxes.findOne({ _id: client }, { projection: { last: 1 } });
      const number = Math.min(through, inbox?.last ?? 0);
      if (number <= 0) return;
      const moves = { $gt: [number, { $ifNull: ['$number', 0] }] };
      const to = (value: number, field: string): object => ({ $cond: [moves, value, field] });
      const set = { $set: { number: to(number, '$number'), at: to(this.clock.now(), '$at') } };
      await readers.updateOne({ _id: client }, [set], { upsert: true });
    });
  }

  of(client: string): Promise<ReadPosition | undefined> {
    return this.connection.use('reads', async ({ readers }) => {
      const reader = await limited(readers.findOne({ _id: client }, LIMITED));
      return reader ? { number: reader.number, at: reader.at } : undefined;
    });
  }
}
