import { mongo } from 'mongoose';
import { StandaloneServer } from './standalone-server.js';

export const APP_NAME = 'postrider';

const OPTIONS: mongo.MongoClientOptions = {
  appName: APP_NAME,
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
  connectTimeoutMS: 5_000,
  heartbeatFrequencyMS: 5_000,
  // A server that accepts connections but never answers must not block a caller for ever.
  socketTimeoutMS: 30_000,
  waitQueueTimeoutMS: 10_000,
  promoteBuffers: true,
  ignoreUndefined: true,
};

const WRITABLE: readonly string[] = ['RSPrimary', 'Mongos', 'LoadBalancer'];

/** Reports whether the driver accepts the connection string. Opens no connection. */
export function isConnectionString(uri: string): boolean {
  try {
    new mongo.MongoClient(uri, OPTIONS);
    return true;
  } catch {
    return false;
  }
}

/** Callbacks for what the driver's monitoring finds out about the servers. */
export interface ServerEvents {
  primary(found: boolean): void;
  standalone(error: StandaloneServer): void;
}

export function newClient(uri: string, selectionTimeoutMs: number, events: ServerEvents): mongo.MongoClient {
  const client = new mongo.MongoClient(uri, { ...OPTIONS, serverSelectionTimeoutMS: selectionTimeoutMs });
  let servers = 0;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    servers = newDescription.servers.size;
    events.primary([...newDescription.servers.values()].some(({ type }) => WRITABLE.includes(type)));
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => {
    // If there are other servers, it is a member of their set under maintenance, which the driver ignores by
    // itself.
    if (servers <= 1 && isStandalone(reply)) events.standalone(new StandaloneServer(connectionId));
  });
  return client;
}

/**
 * Reports whether an answer to hello is from a standalone server: neither a member of a set (not even of one that
 * is not initiated yet) nor a router.
 */
function isStandalone({ setName, isreplicaset, msg }: mongo.Document): boolean {
  return setName === undefined && isreplicaset !== true && msg !== 'isdbgrid';
}
