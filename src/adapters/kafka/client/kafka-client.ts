import {
  Kafka,
  logLevel,
  type ISocketFactory,
  type KafkaConfig,
  type logCreator,
  type SASLOptions,
} from 'kafkajs';
import type { Logger } from '../../../application/ports/logger.js';
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
  /** Of single requests, within kafkajs. */
  readonly retry: NonNullable<KafkaConfig['retry']>;
  readonly mayPass?: RequestGuard;
  /** The broker that every connection goes to (`host:port`), whichever one kafkajs means to reach. */
  readonly only?: string;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const DISCONNECT_DEADLINE_MS = 3_000;

/**
 * A kafkajs of its own for each producer, consumer and admin: what is made by one shares its view of a group's
 * offsets, and can't be cut off alone.
 */
export function openClient(
  settings: KafkaClientSettings,
  logger: Logger,
  { requestTimeoutMs, retry, mayPass, only }: ClientOptions,
): KafkaClient {
  patchKafkajs();
  const sockets = new Sockets(mayPass);
  const { clientId, brokers, ssl, sasl } = settings;
  const kafka = new Kafka({
    clientId,
    // kafkajs asks the first one first: a broker that is down must not be that for ever.
    brokers: only === undefined ? rotated(brokers) : [only],
    ...(ssl && { ssl: { ...ssl } }),
    // One object for three mechanisms; kafkajs's type wants to know which.
    ...(sasl && { sasl: sasl as SASLOptions }),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    retry,
    socketFactory: only === undefined ? sockets.connect : redirected(sockets, only),
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

/** Shared, so that a line which several clients repeat is left out too. */
function logsOf(logger: Logger): logCreator {
  const known = logs.get(logger) ?? kafkaLogs(logger);
  logs.set(logger, known);
  return known;
}

let turn = 0;

function rotated(brokers: readonly string[]): string[] {
  const first = turn++ % brokers.length;
  return [...brokers.slice(first), ...brokers.slice(0, first)];
}

/**
 * Lets `started` come to its end first, since what is stopped in the middle of its start starts all the same. Never
 * rejects. Both wait for answers that may never come: after a while the connections are cut, for good in any case.
 */
export async function disconnect(
  member: { disconnect(): Promise<void> },
  { sockets }: KafkaClient,
  started: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const nothing = (): void => undefined;
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    deadline = setTimeout(() => {
      sockets.destroy('It did not disconnect in time');
      resolve();
    }, DISCONNECT_DEADLINE_MS);
  });
  // Of one that is thrown away nobody needs to know how it went.
  const done = started.catch(nothing).then(() => member.disconnect().catch(nothing));
  // Without a connection there is nobody to say goodbye to.
  if (sockets.connected) await Promise.race([done, late]);
  clearTimeout(deadline);
  sockets.end('No longer needed');
}
