import { resolve } from 'node:path';
import { mongoAddress } from '../../adapters/mongodb/client/mongo-address.js';
import type { Settings } from '../settings/settings.js';

const SEND = `-H 'content-type: application/json' -d '{"from":"clientA","to":"clientB","message":"hello"}'`;

/** The text printed when the program listens. `port` is the actual port. */
export function startText(settings: Settings, port: number): string {
  const { host, tls } = settings.http;
  const scheme = tls ? 'https' : 'http';
  const url = `${scheme}://${inUrl(host)}:${String(port)}`;
  const local = `${scheme}://${inUrl(callable(host))}:${String(port)}`;
  const tryIt = settings.roles.api ? `curl -i ${local}/send-message ${SEND}` : `curl ${local}/health/ready`;
  return [
    `Postrider (${roles(settings)}) listening on ${url}`,
    `  back end: ${backEnd(settings)}`,
    ...servedClientsLine(settings),
    `  try: ${tryIt}`,
  ].join('\n');
}

/** The folder or the servers of the back end, without credentials. */
export function location({ backend }: Settings): string {
  if (backend.kind === 'embedded') return resolve(backend.dataDir);
  return `Kafka at ${backend.kafka.brokers.join(',')}, MongoDB at ${mongoAddress(backend.mongodb.uri)}`;
}

function roles({ roles: { api, receiver } }: Settings): string {
  return [...(api ? ['api'] : []), ...(receiver ? ['receiver'] : [])].join(' and ');
}

function backEnd(settings: Settings): string {
  return settings.backend.kind === 'embedded'
    ? `embedded, in ${location(settings)} (KAFKA_BROKER and MONGODB_URI switch to Kafka and MongoDB)`
    : `full, ${location(settings)} (BACKEND=embedded does without servers)`;
}

function servedClientsLine({ roles: { receiver }, receiving: { clients } }: Settings): string[] {
  if (!receiver || clients.canonical === undefined) return [];
  return [
    `  receives for ${clients.canonical}: others' mail waits in the log for a receiver that serves them`,
  ];
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Returns a host that a client can call. Wildcard addresses become localhost. */
function callable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host;
}
