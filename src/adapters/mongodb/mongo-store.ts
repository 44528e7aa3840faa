import type { mongo } from 'mongoose';
import type { InboxDocument, MessageDocument } from './documents.js';

/** What an open connection gives to work with. */
export interface MongoStore {
  readonly client: mongo.MongoClient;
  readonly messages: mongo.Collection<MessageDocument>;
  readonly inboxes: mongo.Collection<InboxDocument>;
}
