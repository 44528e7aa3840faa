import {
  Kafka,
  logLevel,
  type ISocketFactory,
  type KafkaConfig,
  type logCreator,
  type SASLOptions,
} from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';
import { registerDecoders } from '../compression/register-decoders.js';
import { kafkaLogs } from './kafka-logs.js';
import { patchKafkajs } from '../kafkajs-patches/patch-kafkajs.js';
import type { KafkaClientSettings } from '../kafka-settings.js';
import { Sockets, type RequestGuard } from './sockets.js';

export interface KafkaClient {
  readonly kafka: Kafka;
  readonly sockets: Sockets;
}

export interface ClientOptions {
  readonly requestTimeoutMs: number;
  /** kafkajs's retries of a single request. */
  readonly retry: NonNullable<KafkaConfig['retry']>;
  readonly mayPass?: RequestGuard;
  /** The broker (`host:port`) that every connection goes to, whichever broker kafkajs asks for. */
  readonly onlyBroker?: string;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const DISCONNECT_DEADLINE_MS = 3_000;

/**
 * Opens a kafkajs client for one producer, consumer or admin. Members of the same client would share its view of a
 * group's offsets, and their connections could not be closed separately.
 */
export function openClient(
  settings: KafkaClientSettings,
  logger: Logger,
  { requestTimeoutMs, retry, mayPass, onlyBroker }: ClientOptions,
): KafkaClient {
  patchKafkajs();
  registerDecoders();
  const sockets = new Sockets(mayPass);
  const { clientId, brokers, ssl, sasl } = settings;
  const kafka = new Kafka({
    clientId,
    // kafkajs tries the first broker first. Rotate, so that it is not always one that is down.
    brokers: onlyBroker === undefined ? rotated(brokers) : [onlyBroker],
    ...(ssl && { ssl: { ...ssl } }),
    // Our type has one shape for all mechanisms; kafkajs's is a union by mechanism.
    ...(sasl && { sasl: sasl as SASLOptions }),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    retry,
    socketFactory: onlyBroker === undefined ? sockets.connect : redirected(sockets, onlyBroker),
    logLevel: logLevel.INFO,
    logCreator: logsOf(logger),
  });
  return { kafka, sockets };
}

function redirected({ connect }: Sockets, address: string): ISocketFactory {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  return (args) => connect({ ...args, host, port });
}

const logs = new WeakMap<Logger, logCreator>();

/** Returns one log creator for each logger, so that it also leaves out lines that several clients repeat. */
function logsOf(logger: Logger): logCreator {
  const known = logs.get(logger) ?? kafkaLogs(logger);
  logs.set(logger, known);
  return known;
}

let nextBroker = 0;

function rotated(brokers: readonly string[]): string[] {
  const first = nextBroker++ % brokers.length;
  return [...brokers.slice(first), ...brokers.slice(0, first)];
}

/**
 * Disconnects the member and closes its client's connections permanently. Waits for `started` first, since kafkajs
 * completes a start that is interrupted. If a broker does not answer in time, cuts the connections. Never rejects.
 */
export async function disconnect(
  member: { disconnect(): Promise<void> },
  { sockets }: KafkaClient,
  started: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const noop = (): void => undefined;
  let deadline: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    deadline = setTimeout(() => {
      sockets.destroy('It did not disconnect in time');
      resolve();
    }, DISCONNECT_DEADLINE_MS);
  });
  // The member is discarded, so its errors do not matter.
  const done = started.catch(noop).then(() => member.disconnect().catch(noop));
  // Without a connection there is no broker to wait for.
  if (sockets.connected) await Promise.race([done, timeout]);
  clearTimeout(deadline);
  sockets.end('No longer needed');
}
