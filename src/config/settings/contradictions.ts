import { bytesOfBatch } from '../../adapters/http/server/bodies/body-limits.js';
import { SettingsError, type BackendName, type Environment } from './environment.js';

/** Checks for values that are valid separately and contradict each other. Throws `SettingsError` for the first one. */
export function checkContradictions(env: Environment, backend: BackendName): void {
  checkBackend(env, backend);
  checkClients(env);
  checkTls(env);
  checkSasl(env);
  checkBodyMemory(env);
  needs(env, 'ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET');
  needs(env, 'ALERT_WEBHOOK_SECRET', 'ALERT_WEBHOOK_URL');
  if (env.KAFKA_TOPIC === env.KAFKA_DLQ_TOPIC) {
    throw new SettingsError('KAFKA_DLQ_TOPIC', 'must differ from KAFKA_TOPIC');
  }
}

function checkBackend(env: Environment, backend: BackendName): void {
  if (backend === 'embedded' && env.ROLES.length < 2) {
    throw new SettingsError('ROLES', 'must be api,receiver with the embedded back end: it is one process');
  }
}

function checkClients({ RECEIVER_CLIENTS: clients }: Environment): void {
  if (clients.includes('*') && clients.length > 1) {
    throw new SettingsError('RECEIVER_CLIENTS', 'must be either * or a comma list of client names, not both');
  }
}

function checkTls(env: Environment): void {
  for (const name of ['KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'] as const) {
    if (env[name] !== undefined && !env.KAFKA_SSL) throw new SettingsError(name, 'needs KAFKA_SSL=true');
  }
  needs(env, 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY');
  needs(env, 'KAFKA_SSL_KEY', 'KAFKA_SSL_CERT');
}

function checkSasl(env: Environment): void {
  needs(env, 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME');
  needs(env, 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD');
  needs(env, 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_MECHANISM');
}

function checkBodyMemory({ BODY_MEMORY: bytes, MESSAGE_MAX_LENGTH: maxLength }: Environment): void {
  const largest = bytesOfBatch(maxLength);
  if (bytes >= largest) return;
  throw new SettingsError('BODY_MEMORY', `must be at least ${String(largest)}, the largest body in bytes`);
}

function needs(env: Environment, given: keyof Environment, needed: keyof Environment): void {
  if (env[given] !== undefined && env[needed] === undefined) {
    throw new SettingsError(needed, `is missing, while ${given} is set`);
  }
}
