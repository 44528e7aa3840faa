import type { mongo } from 'mongoose';

interface Row {
  readonly _id: unknown;
  readonly to?: string;
  readonly message?: string;
  readonly number?: number;
  readonly failure?: { readonly state: string; readonly replays: number; readonly failures: number };
}

/** What became of failed messages, read from the database itself and not through the program. */
export class FailureStore {
  private readonly messages: mongo.Collection<Row>;

  constructor(private readonly client: mongo.MongoClient) {
    this.messages = client.db().collection<Row>('postrider_messages');
  }

  /** How many failures there are in each state; none where there is none. */
  async states(): Promise<Readonly<Record<string, number>>> {
    const states = this.messages.aggregate<{ readonly _id: string; readonly count: number }>([
      { $match: { failure: { $exists: true } } },
      { $group: { _id: '$failure.state', count: { $sum: 1 } } },
    ]);
    return Object.fromEntries((await states.toArray()).map(({ _id, count }) => [_id, count]));
  }

  /** In an inbox, and to be worked with all the same. */
  storedAndUnresolved(): Promise<number> {
    const open = { $in: ['unresolved', 'replaying', 'correcting'] };
    return this.messages.countDocuments({ number: { $exists: true }, 'failure.state': open });
  }

  unresolvedWith({ replays, failures }: { replays: number; failures: number }): Promise<number> {
    return this.messages.countDocuments({
      'failure.state': 'unresolved',
      'failure.replays': replays,
      'failure.failures': failures,
    });
  }

  /** The inboxes whose numbers are not 1, 2, 3 and so on. */
  async gaps(): Promise<string[]> {
    const inboxes = this.messages.aggregate<{ _id: string; count: number; last: number; numbers: number }>([
      { $match: { number: { $exists: true } } },
      { $group: { _id: { to: '$to', number: '$number' }, count: { $sum: 1 } } },
      {
        $group: {
          _id: '$_id.to',
          count: { $sum: '$count' },
          numbers: { $sum: 1 },
          last: { $max: '$_id.number' },
        },
      },
    ]);
    const found = await inboxes.toArray();
    return found.flatMap(({ _id, count, numbers, last }) =>
      count === last && numbers === last ? [] : [_id],
    );
  }

  /** Each text was sent once: how many are in inboxes, and how many different ones. */
  async textsStored(): Promise<{ readonly all: number; readonly different: number }> {
    const stored = await this.messages
      .find({ number: { $exists: true } }, { projection: { _id: 0, message: 1 } })
      .toArray();
    return { all: stored.length, different: new Set(stored.map(({ message }) => message)).size };
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
