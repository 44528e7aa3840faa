import { StandaloneServer } from '../../adapters/mongodb/client/standalone-server.js';
import type { MongoConnection } from '../../adapters/mongodb/connection/mongo-connection.js';
import type { KafkaConnection } from '../../adapters/kafka/kafka-connection.js';
import type { Clock } from '../../application/ports/clock.js';
import { settledWithin } from '../../application/timing.js';
import { SettingsError } from '../settings/settings-error.js';
import type { FatalErrors } from './fatal-errors.js';
import { firstContact, FIRST_CONTACT_MS } from './first-contact.js';
import type { Component } from './lifecycle.js';

/** The start waits for the first contact, so that missing topics are created before consumers join their groups. */
export function kafkaComponent(connection: KafkaConnection, clock: Clock): Component {
  return {
    name: 'kafka',
    start: () => {
      connection.start();
      return firstContact(connection, clock);
    },
    stop: () => connection.close(),
  };
}

export function mongoComponent(mongo: MongoConnection, clock: Clock, fatalErrors: FatalErrors): Component {
  return {
    name: 'store',
    start: async () => {
      const contact = mongo.start().catch((error: unknown) => {
        fatalErrors.report(explained(error));
      });
      await settledWithin(clock, FIRST_CONTACT_MS, contact);
    },
    stop: () => mongo.close(),
  };
}

/** Replaces the driver's error, which may quote the password. Its only other cause is an invalid connection string. */
export function explained(error: unknown): Error {
  if (error instanceof StandaloneServer) return error;
  return new SettingsError('MONGODB_URI', 'is no connection string that MongoDB understands');
}
