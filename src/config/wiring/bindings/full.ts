import type { Container } from 'inversify';
import type { FullSettings } from '../../settings/settings.js';
import { TOKENS } from '../tokens.js';
import { bindKafka, DEAD_LETTER_LOG, KAFKA, kafkaComponent, MESSAGE_LOG } from './kafka.js';
import { bindMongo, MONGO, MONGO_SIGNALS, mongoComponent } from './mongodb.js';

/** Binds the log in Kafka and the store in MongoDB. */
export function bindFull(container: Container, { kafka, mongodb }: FullSettings): void {
  const t = TOKENS;
  bindKafka(container, kafka);
  bindMongo(container, mongodb.uri);
  container.bind(t.dependencies).toResolvedValue((connection, mongo) => [connection, mongo], [KAFKA, MONGO]);
  container
    .bind(t.backendComponents)
    .toResolvedValue(
      (mongo, signals, connection, messages, deadLetters, clock, fatalErrors) => [
        mongoComponent(mongo, clock, fatalErrors),
        { name: 'inbox signals', stop: () => signals.close() },
        kafkaComponent(connection, clock),
        { name: 'log of messages', stop: () => messages.close() },
        { name: 'log of dead letters', stop: () => deadLetters.close() },
      ],
      [MONGO, MONGO_SIGNALS, KAFKA, MESSAGE_LOG, DEAD_LETTER_LOG, t.clock, t.fatalErrors],
    );
}
