import { mongo } from 'mongoose';
import { StandaloneServer } from './standalone-server.js';

const OPTIONS: mongo.MongoClientOptions = {
  appName: 'postrider',
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
  connectTimeoutMS: 5_000,
  heartbeatFrequencyMS: 5_000,
  // A server that is reachable and silent must not hold a caller for ever.
  socketTimeoutMS: 30_000,
  waitQueueTimeoutMS: 10_000,
  promoteBuffers: true,
  ignoreUndefined: true,
};

const WRITABLE: readonly string[] = ['RSPrimary', 'Mongos', 'LoadBalancer'];

/** What a client sees of its servers, from the driver's own monitoring. */
export interface ServerEvents {
  primary(found: boolean): void;
  standalone(error: StandaloneServer): void;
}

export function newClient(uri: string, selectionTimeoutMs: number, events: ServerEvents): mongo.MongoClient {
  const client = new mongo.MongoClient(uri, { ...OPTIONS, serverSelectionTimeoutMS: selectionTimeoutMs });
  let standalone: string | undefined;
  client.on('serverDescriptionChanged', ({ address, newDescription: { type } }) => {
    if (type === 'Standalone') standalone = address;
    else if (address === standalone) standalone = undefined;
  });
  client.on('topologyDescriptionChanged', ({ newDescription: { servers } }) => {
    // Beside others it is a member of their set that is being looked after; the driver leaves it out by itself.
    if (standalone !== undefined && servers.size <= 1) events.standalone(new StandaloneServer(standalone));
    events.primary([...servers.values()].some(({ type }) => WRITABLE.includes(type)));
  });
  return client;
}
