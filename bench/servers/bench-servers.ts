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

/** Returns the servers named by the variables that the tests use too, or starts some. */
export async function benchServers(resources: Resources): Promise<BenchServers> {
  const [kafka, mongodb] = await Promise.all([
    process.env['POSTRIDER_TEST_KAFKA'] ?? startKafka(resources).then(({ address }) => address),
    process.env['POSTRIDER_TEST_MONGODB'] ?? startMongo(resources).then(({ address }) => address),
  ]);
  return { kafka, mongodb };
}

/** Starts a Kafka server for one scenario, which may stop or kill it. */
export async function startKafka(resources: Resources, options: KafkaOptions = {}): Promise<Server> {
  const kafka = resources.add(await newKafka({ heap: '1g', ...options }), (server) => server.remove());
  await kafka.start();
  return kafka;
}

/** Starts a MongoDB server for one scenario, which may stop or kill it. */
export async function startMongo(resources: Resources): Promise<MongoServer> {
  const mongo = resources.add(await newMongo(), (server) => server.remove());
  await mongo.start();
  return mongo;
}

/** An election timeout that is long enough for a busy machine. */
const ELECTION_TIMEOUT_MS = 10_000;

/** Starts a replica set of local processes, whose CPU can be read. */
export async function startMongoSet(resources: Resources, size: number): Promise<LocalMongoSet> {
  const creating = newMongoSet({ size, electionTimeoutMs: ELECTION_TIMEOUT_MS });
  const set = resources.add(await creating, (replicaSet) => replicaSet.remove());
  await set.start();
  return set;
}

/** Starts a cluster of local processes, whose CPU can be read. */
export async function startKafkaCluster(resources: Resources, size: number): Promise<LocalKafkaCluster> {
  const properties = { 'broker.session.timeout.ms': String(ELECTION_TIMEOUT_MS) };
  const creating = newKafkaCluster({ size, properties, heap: '512m' });
  const cluster = resources.add(await creating, (nodes) => nodes.remove());
  await cluster.start();
  return cluster;
}

export function pidOf({ pid, address }: LocalServer): number {
  if (pid === undefined) throw new Error(`${address} is not running.`);
  return pid;
}
