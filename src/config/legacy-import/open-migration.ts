import { KafkaAdmin } from '../../adapters/kafka/client/kafka-admin.js';
import { KafkaGroupOffsets } from '../../adapters/kafka/consuming/offsets/kafka-group-offsets.js';
import type { MongoConnection } from '../../adapters/mongodb/connection/mongo-connection.js';
import { MongoLegacyCollections } from '../../adapters/mongodb/legacy-import/mongo-legacy-collections.js';
import { GroupImport } from '../../application/legacy-import/group-import.js';
import { LegacyImport } from '../../application/legacy-import/legacy-import.js';
import { explained } from '../running/backend-components.js';
import { MONGO, POSITIONS } from '../wiring/bindings/full.js';
import { buildContainer } from '../wiring/container.js';
import type { Migration } from './migrate.js';
import type { FullSettings, Settings } from '../settings/settings.js';
import { TOKENS } from '../wiring/tokens.js';

/** Builds the parts of the program that a migration needs. Rejects if MongoDB cannot be reached. */
export async function openMigration(settings: Settings, { kafka }: FullSettings): Promise<Migration> {
  const container = buildContainer(settings);
  const clock = container.get(TOKENS.clock);
  const identities = container.get(TOKENS.identities);
  const mongo = container.get(MONGO);
  await connect(mongo);
  const brokers = new KafkaAdmin(kafka, container.get(TOKENS.logger));
  const groups = new GroupImport(new KafkaGroupOffsets(brokers), container.get(POSITIONS), clock);
  const collections = new MongoLegacyCollections(mongo, identities, clock);
  const { messageMaxLength } = settings.sending;
  const legacyImport = new LegacyImport(
    collections,
    container.get(TOKENS.ledger),
    identities,
    messageMaxLength,
  );
  return {
    takeGroup: (from, onWait) => groups.run(from, targets(settings), onWait),
    takeCollections: (onProgress) => legacyImport.run(onProgress),
    notTakenOver: () => collections.notImported(),
    close: async () => {
      await brokers.close();
      await mongo.close();
    },
  };
}

function targets({ groups, topics }: Settings) {
  return [
    { group: groups.receiver, topic: topics.messages },
    { group: groups.failures, topic: topics.deadLetters },
  ];
}

async function connect(mongo: MongoConnection): Promise<void> {
  try {
    await mongo.start();
  } catch (error) {
    await mongo.close();
    throw explained(error);
  }
  if (mongo.status().state === 'up') return;
  await mongo.close();
  throw new Error('MongoDB, which MONGODB_URI names, does not answer.');
}
