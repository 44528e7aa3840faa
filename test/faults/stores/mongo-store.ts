import mongoose from 'mongoose';
import type { FaultStore } from '../fault-run.js';

interface Row {
  readonly to?: string;
  readonly message?: string;
  readonly number?: number;
  readonly failure?: { readonly message?: string; readonly state: string };
}

/** Reads what the program has written, with a separate driver. */
export class MongoFaultStore implements FaultStore {
  private readonly client: mongoose.mongo.MongoClient;

  constructor(
    address: string,
    private readonly database: string,
  ) {
    // One node of several would not stay the primary.
    this.client = new mongoose.mongo.MongoClient(address, { directConnection: !address.includes(',') });
  }

  async stored(): Promise<Map<string, string[]>> {
    const inboxes = new Map<string, string[]>();
    for (const { to = '', message = '' } of await this.rows({ number: { $exists: true } })) {
      const inbox = inboxes.get(to);
      if (inbox) inbox.push(message);
      else inboxes.set(to, [message]);
    }
    return inboxes;
  }

  async failed(): Promise<string[]> {
    const rows = await this.rows({ 'failure.state': 'unresolved' });
    return rows.map(({ failure }) => failure?.message ?? '');
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private rows(filter: object): Promise<Row[]> {
    const collection = this.client.db(this.database).collection<Row>('postrider_messages');
    return collection.find(filter).sort({ to: 1, number: 1 }).toArray();
  }
}
