import type { mongo } from 'mongoose';
import type {
  AlertDocument,
  ApiKeyDocument,
  GroupCountsDocument,
  InboxDocument,
  MessageDocument,
  PositionDocument,
  ReaderDocument,
  ReplayDocument,
} from '../schema/documents.js';
import type { Transactions } from '../transactions/transactions.js';

/** The client, the transactions and the collections of an open connection. */
export interface MongoStore {
  readonly client: mongo.MongoClient;
  readonly transactions: Transactions;
  readonly messages: mongo.Collection<MessageDocument>;
  readonly inboxes: mongo.Collection<InboxDocument>;
  readonly readers: mongo.Collection<ReaderDocument>;
  readonly positions: mongo.Collection<PositionDocument>;
  readonly replays: mongo.Collection<ReplayDocument>;
  readonly alerts: mongo.Collection<AlertDocument>;
  readonly apiKeys: mongo.Collection<ApiKeyDocument>;
  readonly groupCounts: mongo.Collection<GroupCountsDocument>;
}
