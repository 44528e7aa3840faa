import type { LocalKafkaCluster } from '../../scripts/stack/local-kafka-cluster.js';
import type { LocalMongoSet } from '../../scripts/stack/local-mongo-set.js';
import type { LocalServer } from '../../scripts/stack/local-server.js';
import type { KafkaOptions, MongoServer, Server } from '../../scripts/stack/server.js';
import { newKafka, newKafkaCluster, newMongo, newMongoSet } from '../../scripts/stack/servers.js';
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

/** No busy machine looks like a dead node within this time. */
const PATIENT_MS = 10_000;

/** Local processes, so that their CPU can be read. */
export async function startedMongoSet(resources: Resources, size: number): Promise<LocalMongoSet> {
  const creating = newMongoSet({ size, electionTimeoutMs: PATIENT_MS });
  const set = resources.add(await creating, (its) => its.remove());
  await set.start();
  return set;
}

/** Local processes, so that their CPU can be read. */
export async function startedKafkaCluster(resources: Resources, size: number): Promise<LocalKafkaCluster> {
  const properties = { 'broker.session.timeout.ms': String(PATIENT_MS) };
  const creating = newKafkaCluster({ size, properties, heap: '512m' });
  const cluster = resources.add(await creating, (its) => its.remove());
  await cluster.start();
  return cluster;
}

export function pidOf({ pid, address }: LocalServer): number {
  if (pid === undefined) throw new Error(`${address} is not running.`);
  return pid;
}
