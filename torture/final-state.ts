import mongoose from 'mongoose';
import type { FailureRow, FinalState, StoredRow } from './history.js';

interface MessageRow {
  readonly _id: mongoose.mongo.ObjectId | string;
  readonly from?: string;
  readonly to?: string;
  readonly message?: string;
  readonly number?: number;
  readonly failure?: Omit<FailureRow, 'id' | 'text' | 'events'> & {
    readonly message: string;
    readonly history: readonly { readonly event: string }[];
  };
}

/** Reads from the primary what the programs have stored, with a client of its own. */
export class StateReader {
  private readonly client: mongoose.mongo.MongoClient;

  constructor(uri: string) {
    this.client = new mongoose.mongo.MongoClient(uri, { readConcern: { level: 'majority' } });
  }

  async read(): Promise<FinalState> {
    const inboxes = new Map<string, StoredRow[]>();
    const failures = new Map<string, FailureRow>();
    const fields = { from: 1, to: 1, message: 1, number: 1, failure: 1 };
    const rows = this.client.db().collection<MessageRow>('postrider_messages');
    for await (const { _id, from, to, message, number, failure } of rows
      .find({}, { projection: fields, batchSize: 5_000 })
      .sort({ to: 1, number: 1 })) {
      const id = _id.toString();
      if (failure) {
        const { message: text, history, ...rest } = failure;
        failures.set(id, { ...rest, id, text, events: history.map(({ event }) => event) });
      }
      if (number === undefined || to === undefined) continue;
      const row = { id, from: from ?? '', text: message ?? '', number };
      const inbox = inboxes.get(to);
      if (inbox) inbox.push(row);
      else inboxes.set(to, [row]);
    }
    return { inboxes, failures, lastNumbers: await this.lastNumbers() };
  }

  /** Counts the stored messages, to show progress. */
  stored(): Promise<number> {
    return this.client
      .db()
      .collection('postrider_messages')
      .countDocuments({ number: { $gt: 0 } });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async lastNumbers(): Promise<Map<string, number>> {
    const inboxes = this.client.db().collection<{ _id: string; last?: number }>('postrider_inboxes');
    const last = new Map<string, number>();
    for await (const { _id, last: number } of inboxes.find({ last: { $gt: 0 } })) last.set(_id, number ?? 0);
    return last;
  }
}
