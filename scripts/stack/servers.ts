import { serverKind, type ServerKind } from './availability.js';
import { DockerKafka } from './docker-kafka.js';
import { DockerMongo } from './docker-mongo.js';
import { LocalKafka } from './local-kafka.js';
import { LocalKafkaCluster, type KafkaClusterOptions } from './local-kafka-cluster.js';
import { LocalMongo } from './local-mongo.js';
import { LocalMongoSet, type MongoSetOptions } from './local-mongo-set.js';
import type { KafkaOptions, MongoOptions, MongoServer, Server } from './server.js';

let cachedKind: Promise<ServerKind> | undefined;

/** Creates a Kafka server of the kind that this machine can run, not started yet. Rejects if it can run none. */
export async function newKafka(options: KafkaOptions = {}): Promise<Server> {
  return (await kind()) === 'docker' ? DockerKafka.create(options) : LocalKafka.create(options);
}

/** Creates a MongoDB server, not started yet. Rejects if this machine can run none. */
export async function newMongo(options: MongoOptions = {}): Promise<MongoServer> {
  return (await kind()) === 'docker' ? DockerMongo.create(options) : LocalMongo.create(options);
}

/**
 * Creates a cluster of three Kafka nodes, not started yet. They are always local processes, because nodes in
 * containers would need addresses that both the nodes and the clients on the host can reach.
 */
export async function newKafkaCluster(options: KafkaClusterOptions = {}): Promise<LocalKafkaCluster> {
  await requireLocal();
  return LocalKafkaCluster.create(options);
}

/** Creates a MongoDB replica set of three local processes, not started yet. */
export async function newMongoSet(options: MongoSetOptions = {}): Promise<LocalMongoSet> {
  await requireLocal();
  return LocalMongoSet.create(options);
}

async function requireLocal(): Promise<void> {
  const found = await serverKind('local');
  if (typeof found !== 'string')
    throw new Error(`A cluster cannot be started on this machine. Missing: ${found.missing}.`);
}

/** Returns the kind that `npm test` has determined if it runs this process, or else determines it. */
function kind(): Promise<ServerKind> {
  return (cachedKind ??= serverKind(process.env['POSTRIDER_SERVERS'] ?? process.env['STACK']).then(
    (found) => {
      if (typeof found === 'string') return found;
      throw new Error(`Kafka and MongoDB cannot be started on this machine. Missing: ${found.missing}.`);
    },
  ));
}
