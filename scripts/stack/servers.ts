import { serverKind, type ServerKind } from './availability.js';
import { DockerKafka } from './docker-kafka.js';
import { DockerMongo } from './docker-mongo.js';
import { LocalKafka } from './local-kafka.js';
import { LocalKafkaCluster, type KafkaClusterOptions } from './local-kafka-cluster.js';
import { LocalMongo } from './local-mongo.js';
import { LocalMongoSet, type MongoSetOptions } from './local-mongo-set.js';
import type { KafkaOptions, MongoOptions, MongoServer, Server } from './server.js';

let known: Promise<ServerKind> | undefined;

/** A Kafka of one's own, not started yet, of the kind that this machine can have. Rejects where it can have none. */
export async function newKafka(options: KafkaOptions = {}): Promise<Server> {
  return (await kind()) === 'docker' ? DockerKafka.create(options) : LocalKafka.create(options);
}

/** A MongoDB of one's own, not started yet. Rejects where this machine can have none. */
export async function newMongo(options: MongoOptions = {}): Promise<MongoServer> {
  return (await kind()) === 'docker' ? DockerMongo.create(options) : LocalMongo.create(options);
}

/**
 * Three Kafka nodes, not started yet. Local processes on every machine: members in containers would need an address
 * that both they and the clients on the host can reach.
 */
export async function newKafkaCluster(options: KafkaClusterOptions = {}): Promise<LocalKafkaCluster> {
  await requireLocal();
  return LocalKafkaCluster.create(options);
}

/** A MongoDB replica set of three nodes, not started yet; local processes, as those of `newKafkaCluster`. */
export async function newMongoSet(options: MongoSetOptions = {}): Promise<LocalMongoSet> {
  await requireLocal();
  return LocalMongoSet.create(options);
}

async function requireLocal(): Promise<void> {
  const found = await serverKind('local');
  if (typeof found !== 'string')
    throw new Error(`No cluster can be started here. Missing: ${found.missing}.`);
}

/** `npm test` has found out already, and says so to those it runs. */
function kind(): Promise<ServerKind> {
  return (known ??= serverKind(process.env['POSTRIDER_SERVERS'] ?? process.env['STACK']).then((found) => {
    if (typeof found === 'string') return found;
    throw new Error(`No Kafka and MongoDB can be started here. Missing: ${found.missing}.`);
  }));
}
