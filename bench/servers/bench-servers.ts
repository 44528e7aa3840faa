import type { KafkaOptions, MongoServer, Server } from '../../scripts/stack/server.js';
import { newKafka, newMongo } from '../../scripts/stack/servers.js';
import type { Resources } from '../resources.js';

export interface BenchServers {
  /** `host:port`. */
  readonly kafka: string;
  /** A `mongodb://` address without a database. */
  readonly mongodb: string;
}

/** Given ones by the variables that the tests know too; otherwise started here. */
export async function benchServers(resources: Resources): Promise<BenchServers> {
  const [kafka, mongodb] = await Promise.all([
    process.env['POSTRIDER_TEST_KAFKA'] ?? startedKafka(resources).then(({ address }) => address),
    process.env['POSTRIDER_TEST_MONGODB'] ?? startedMongo(resources).then(({ address }) => address),
  ]);
  return { kafka, mongodb };
}

/** One that may be broken. */
export async function startedKafka(resources: Resources, options: KafkaOptions = {}): Promise<Server> {
  const kafka = resources.add(await newKafka({ heap: '1g', ...options }), (server) => server.remove());
  await kafka.start();
  return kafka;
}

/** One that may be broken. */
export async function startedMongo(resources: Resources): Promise<MongoServer> {
  const mongo = resources.add(await newMongo(), (server) => server.remove());
  await mongo.start();
  return mongo;
}
