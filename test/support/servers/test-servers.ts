import { randomUUID } from 'node:crypto';
import type { Server } from '../../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../../scripts/stack/servers.js';

/**
 * Returns the address of the test Kafka. `npm test` passes it in the environment; a file that is run alone
 * starts its own servers, which end with this process.
 */
export async function testKafka(): Promise<string> {
  return (process.env['POSTRIDER_TEST_KAFKA'] ??= await startServer(newKafka()));
}

/** Returns the address of the test MongoDB, without a database. */
export async function testMongo(): Promise<string> {
  return (process.env['POSTRIDER_TEST_MONGODB'] ??= await startServer(newMongo()));
}

export function freshTopic(name = 'topic'): string {
  return `test-${name}-${randomUUID().slice(0, 8)}`;
}

export function freshDatabase(): string {
  return checkedDatabase(`postrider-test-${randomUUID().slice(0, 8)}`);
}

/** Rejects names without "test", so that tests never write to real data. */
export function checkedDatabase(name: string): string {
  if (!name.includes('test')) throw new Error(`The database "${name}" has no "test" in its name.`);
  return name;
}

/** The connection string of one database of the test server. */
export async function testMongoUri(database = freshDatabase()): Promise<string> {
  return `${await testMongo()}/${checkedDatabase(database)}?directConnection=true`;
}

async function startServer(creating: Promise<Server>): Promise<string> {
  const server = await creating;
  await server.start();
  return server.address;
}
