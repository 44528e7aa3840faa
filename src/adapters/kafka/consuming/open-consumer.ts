import type { Consumer } from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';
import { disconnect, openClient } from '../client/kafka-client.js';
import type { KafkaClientSettings } from '../kafka-settings.js';

export interface OpenedConsumer {
  readonly kafka: Consumer;
  /** Waits for `started`, leaves the group if the brokers answer, and always closes the connections. Never rejects. */
  readonly dispose: (started: Promise<void>) => Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** Another member takes over this long after the last heartbeat of a process. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** How long the group waits for its members to rejoin. */
const REBALANCE_TIMEOUT_MS = 15_000;
/** How long a broker delays an empty response. Meanwhile kafkajs reacts to nothing else. */
const MAX_WAIT_MS = 100;
/** How long a consumer may keep fetching from a broker that no longer leads. kafkajs's default is 5 minutes. */
const METADATA_MAX_AGE_MS = 5_000;
/** Covers an outage of about 15 s. After that the consumer is replaced. */
const RETRY = { retries: 10, initialRetryTime: 200, maxRetryTime: 2_000 };

export function openConsumer(settings: KafkaClientSettings, group: string, logger: Logger): OpenedConsumer {
  const client = openClient(settings, logger, { requestTimeoutMs: REQUEST_TIMEOUT_MS, retry: RETRY });
  const consumer = client.kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    // We cannot easily tell whether kafkajs restarts a consumer, so we always replace it.
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  // kafkajs would keep using a connection that does not answer. Connections to other brokers stay open.
  consumer.on(consumer.events.REQUEST_TIMEOUT, ({ payload: { broker } }) => {
    client.sockets.destroy('A request was not answered in time', broker);
  });
  return { kafka: consumer, dispose: (started) => disconnect(consumer, client, started) };
}
