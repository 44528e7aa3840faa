// Runs in the background for `npm run stack:up`: holds the two servers until it is told to end.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalKafka } from './local-kafka.js';
import { LocalMongo } from './local-mongo.js';
import { KAFKA_PORT, MONGODB_PORT } from './usual-addresses.js';

const folder = process.argv[2] ?? '';
const pidFile = join(folder, 'keeper.pid');
await writeFile(pidFile, String(process.pid));

const servers = [
  await LocalKafka.create({ folder: join(folder, 'kafka'), port: KAFKA_PORT, advertisedHost: 'localhost' }),
  await LocalMongo.create({ folder: join(folder, 'mongodb'), port: MONGODB_PORT }),
];

async function end(code: number): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(pidFile, { force: true });
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(0));
try {
  await Promise.all(servers.map((server) => server.start()));
} catch (error) {
  console.error(error);
  await end(1);
}
setInterval(() => undefined, 60_000);
