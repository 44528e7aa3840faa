import { Schema, type Connection, type SchemaOptions } from 'mongoose';

export const MESSAGES = 'postrider_messages';
export const INBOXES = 'postrider_inboxes';
export const READERS = 'postrider_readers';
export const POSITIONS = 'postrider_positions';
export const REPLAYS = 'postrider_replays';
export const ALERTS = 'postrider_alerts';
export const GROUP_COUNTS = 'postrider_group_counts';
export const API_KEYS = 'postrider_api_keys';

// `createCollections` creates collections and indexes on connecting. The adapters write documents with the native
// driver.
const options = (collection: string): SchemaOptions => ({
  collection,
  autoCreate: false,
  autoIndex: false,
  bufferCommands: false,
  versionKey: false,
  strict: 'throw',
});

const messages = new Schema(
  {
    from: String,
    to: String,
    message: String,
    sentAt: Number,
    number: Number,
    storedAt: Number,
    content: String,
    failure: Schema.Types.Mixed,
  },
  options(MESSAGES),
);
// Every index makes each insert slower. This one serves the inboxes; list-indexes.ts has those for the lists.
messages.index({ to: 1, number: 1 }, { unique: true, partialFilterExpression: { number: { $gt: 0 } } });
// Partial, so that messages without a failure are not written to these indexes.
const failed = { partialFilterExpression: { 'failure.state': { $exists: true } } };
messages.index({ 'failure.state': 1, 'failure.sentAt': 1, _id: 1 }, failed);
messages.index({ 'failure.state': 1, 'failure.failedAt': 1 }, failed);
// Covering indexes for counting the groups, and the failures of a bulk replay unless its filter names a client.
export const BY_GROUP = {
  'failure.state': 1,
  'failure.group.key': 1,
  'failure.recordedAt': 1,
  _id: 1,
  'failure.failedAt': 1,
  'failure.disposition': 1,
  'failure.sentAt': 1,
  'failure.code': 1,
} as const;
export const BY_RECORDING = {
  'failure.state': 1,
  'failure.recordedAt': 1,
  _id: 1,
  'failure.sentAt': 1,
  'failure.code': 1,
} as const;
messages.index(BY_GROUP, failed);
messages.index(BY_RECORDING, failed);
messages.index(
  { 'failure.jobs.id': 1 },
  { partialFilterExpression: { 'failure.jobs.id': { $exists: true } } },
);
messages.index({ 'failure.alert': 1 }, { partialFilterExpression: { 'failure.alert': { $exists: true } } });
messages.index({ 'failure.lease': 1 }, { partialFilterExpression: { 'failure.lease': { $exists: true } } });

const inboxes = new Schema(
  { _id: String, first: Number, last: Number, revision: Number, oldest: Number },
  options(INBOXES),
);
inboxes.index({ oldest: 1 });

const readers = new Schema({ _id: String, number: Number, at: Number }, options(READERS));

const positions = new Schema(
  {
    _id: Schema.Types.Mixed,
    next: Number,
    lost: Number,
    last: Schema.Types.Mixed,
    empty: Boolean,
  },
  options(POSITIONS),
);

const replays = new Schema(
  {
    _id: String,
    state: String,
    filter: Schema.Types.Mixed,
    rate: Number,
    total: Number,
    createdAt: Number,
    before: Number,
    by: String,
    lease: Number,
    endedAt: Number,
    revision: Number,
  },
  options(REPLAYS),
);
replays.index({ state: 1 });

const alerts = new Schema(
  {
    _id: String,
    lease: Number,
    groups: [String],
    isAgeTold: Boolean,
    pending: Schema.Types.Mixed,
    revision: Number,
  },
  options(ALERTS),
);

const groupCounts = new Schema(
  { _id: String, term: Number, until: Number, counts: Schema.Types.Mixed },
  options(GROUP_COUNTS),
);

const apiKeys = new Schema(
  {
    _id: String,
    digest: String,
    client: String,
    scopes: [String],
    name: String,
    createdAt: Number,
    expiresAt: Number,
    revokedAt: Number,
    createdBy: String,
    lastUsedOn: String,
  },
  options(API_KEYS),
);

const SCHEMAS = [
  [MESSAGES, messages],
  [INBOXES, inboxes],
  [READERS, readers],
  [POSITIONS, positions],
  [REPLAYS, replays],
  [ALERTS, alerts],
  [GROUP_COUNTS, groupCounts],
  [API_KEYS, apiKeys],
] as const;

/**
 * Creates missing collections and indexes. Collections are created here because a transaction that creates one
 * conflicts with all others.
 */
export async function createCollections(connection: Connection): Promise<void> {
  for (const [name, schema] of SCHEMAS) {
    const model = connection.model(name, schema);
    await model.createCollection();
    await model.createIndexes();
  }
}
