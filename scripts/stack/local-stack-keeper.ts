// The background process of `npm run stack:up`. Runs the two servers until it is stopped.
// Arguments: the folder for their data, Kafka's port, MongoDB's port.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalKafka } from './local-kafka.js';
import { LocalMongo } from './local-mongo.js';

const [folder = '', kafkaPort, mongodbPort] = process.argv.slice(2);
const pidFile = join(folder, 'keeper.pid');
// Fails if another keeper is running.
writeFileSync(pidFile, String(process.pid), { flag: 'wx' });
process.on('exit', () => rmSync(pidFile, { force: true }));

const servers = [
  await LocalKafka.create({
    folder: join(folder, 'kafka'),
    port: Number(kafkaPort),
    advertisedHost: 'localhost',
  }),
  await LocalMongo.create({ folder: join(folder, 'mongodb'), port: Number(mongodbPort) }),
];

async function end(code: number): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
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
