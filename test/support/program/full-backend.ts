import { freshTopic, testKafka, testMongoUri } from '../servers/test-servers.js';
import type { ProgramEnv } from './spawned-program.js';

/** The environment of a full back end on the test servers, with its own topics, groups and database. */
export async function fullBackend(): Promise<ProgramEnv> {
  const name = freshTopic('program');
  return {
    KAFKA_BROKER: await testKafka(),
    MONGODB_URI: await testMongoUri(),
    KAFKA_TOPIC: name,
    KAFKA_DLQ_TOPIC: `${name}-dlq`,
    KAFKA_GROUP_PREFIX: name,
    KAFKA_PARTITIONS: '4',
  };
}
