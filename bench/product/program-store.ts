import type { Logger } from '../../src/application/ports/telemetry.js';
import { MongoConnection } from '../../src/adapters/mongodb/connection/mongo-connection.js';
import { SystemClock } from '../../src/adapters/system/system-clock.js';

const noop = (): void => undefined;
const SILENT_LOGGER: Logger = {
  isDebugEnabled: () => false,
  debug: noop,
  info: noop,
  warn: noop,
  error: noop,
};

/** Opens a database with the program's collections and indexes. `uri` includes the database. */
export async function openStore(uri: string): Promise<MongoConnection> {
  const connection = new MongoConnection({ uri }, new SystemClock(), SILENT_LOGGER, noop);
  await connection.start();
  if (connection.status().state === 'down') throw new Error(`MongoDB does not answer at ${uri}.`);
  return connection;
}
