import type { mongo } from 'mongoose';
import { correctionOf, type Operators } from './operators.js';

interface Row {
  readonly _id: unknown;
  readonly to?: string;
  readonly message?: string;
  readonly number?: number;
  readonly failure?: {
    readonly message: string;
    readonly state: string;
    readonly resolution?: string;
    readonly replays: number;
    readonly failures: number;
    readonly correction?: { readonly id: string };
  };
}

interface Fates {
  /** Final states of all sent messages: stored unchanged, superseded or discarded; listed twice if several apply. */
  readonly texts: string[];
  /** Differences from the responses to operators, or from the expected corrections. */
  readonly wrong: string[];
}

/** Reads the final states of failed messages directly from the database, not through the program. */
export class FailureStore {
  private readonly messages: mongo.Collection<Row>;

  constructor(private readonly client: mongo.MongoClient) {
    this.messages = client.db().collection<Row>('postrider_messages');
  }

  /** The number of failures in each state; states without failures are absent. */
  async states(): Promise<Readonly<Record<string, number>>> {
    const states = this.messages.aggregate<{ readonly _id: string; readonly count: number }>([
      { $match: { failure: { $exists: true } } },
      { $group: { _id: '$failure.state', count: { $sum: 1 } } },
    ]);
    return Object.fromEntries((await states.toArray()).map(({ _id, count }) => [_id, count]));
  }

  /** Counts the messages that are in an inbox and also among the open failures. */
  storedAndUnresolved(): Promise<number> {
    const open = { $in: ['unresolved', 'replaying', 'correcting'] };
    return this.messages.countDocuments({ number: { $exists: true }, 'failure.state': open });
  }

  /** Counts the messages in a final state; a correction counts in place of its original. */
  async settled(): Promise<number> {
    const { texts } = await this.fates({ corrected: new Set(), discarded: new Set() });
    return texts.length;
  }

  async fates({ corrected, discarded }: Pick<Operators, 'corrected' | 'discarded'>): Promise<Fates> {
    const rows = new Map((await this.messages.find().toArray()).map((row) => [String(row._id), row]));
    const wrong: string[] = [];
    for (const [id, { failure }] of rows) {
      const isSuperseded = failure?.resolution === 'superseded';
      if (discarded.has(id) && failure?.state !== 'discarded') wrong.push(`${id} was discarded, and is not`);
      if (corrected.has(id) && !isSuperseded) wrong.push(`${id} was corrected, and is not`);
      const correction = isSuperseded ? rows.get(failure.correction?.id ?? '') : undefined;
      const isStored = correction?.number !== undefined && correction.message === correctionOf(id);
      if (isSuperseded && !isStored) wrong.push(`the correction of ${id} is in no inbox`);
    }
    return { texts: [...rows.values()].flatMap(finalTextsOf), wrong };
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

  /** Counts the texts in inboxes, and the distinct ones. Each text was sent once. */
  async textsStored(): Promise<{ readonly all: number; readonly distinct: number }> {
    const stored = await this.messages
      .find({ number: { $exists: true } }, { projection: { _id: 0, message: 1 } })
      .toArray();
    return { all: stored.length, distinct: new Set(stored.map(({ message }) => message)).size };
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function finalTextsOf({ number, message = '', failure }: Row): string[] {
  const isStored = number !== undefined && !message.startsWith(correctionOf(''));
  const isClosed = failure?.state === 'discarded' || failure?.resolution === 'superseded';
  return [...(isStored ? [message] : []), ...(isClosed ? [failure.message] : [])];
}
