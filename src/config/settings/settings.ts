import type { KafkaClientSettings, KafkaSettings } from '../../adapters/kafka/kafka-settings.js';
import type { WebhookSettings } from '../../adapters/webhook/webhook-alerts.js';
import type { TimeToLive } from '../../application/retention/retention-guard.js';
import type { RetrySettings } from '../../domain/delivery/delivery-policy.js';
import type { ReplayRules } from '../../domain/failures/failure-actions.js';
import { ServedClients } from '../../domain/delivery/served-clients.js';
import { checkContradictions } from './contradictions.js';
import { readEnvironment, SettingsError } from './environment.js';
import type { BackendName, Environment, LogLevel, RawEnvironment } from './environment.js';
import { groupNames, type GroupNames } from './group-names.js';
import { checkMongoUri } from './mongodb-uri.js';
import { readPem, type ReadText } from './pem.js';

export { SettingsError } from './environment.js';

const DAY_MS = 86_400_000;
/** Longer than it takes to publish a replay and record it in the store. */
const REPLAY_LEASE_MS = 10_000;

export interface EmbeddedSettings {
  readonly kind: 'embedded';
  readonly dataDir: string;
  readonly retentionDays: number;
}

export interface AlertSettings {
  readonly webhook: WebhookSettings;
  /** The age of the oldest failure that triggers an alert. */
  readonly ageMs: number;
}

export interface FullSettings {
  readonly kind: 'full';
  readonly kafka: Omit<KafkaSettings, 'topics'>;
  readonly mongodb: { readonly uri: string };
}

/** The settings of a process, read once at start. Times are in milliseconds unless the name says otherwise. */
export interface Settings {
  readonly backend: EmbeddedSettings | FullSettings;
  readonly roles: { readonly api: boolean; readonly receiver: boolean };
  readonly http: { readonly host: string; readonly port: number; readonly bodyMemoryBytes: number };
  readonly topics: { readonly messages: string; readonly deadLetters: string };
  readonly groups: GroupNames;
  readonly sending: {
    readonly messageMaxLength: number;
    readonly timeoutMs: number;
    /** How long a send without `Prefer: wait` waits for its outcome; 0 means not at all. */
    readonly waitMs: number;
    readonly refusedRecordsPerSecond: number;
  };
  readonly receiving: {
    readonly clients: ServedClients;
    readonly retry: RetrySettings;
    readonly parkedMax: number;
    readonly acknowledgeLostRecords: boolean;
  };
  readonly replays: ReplayRules;
  /** The times to live of messages and failures. Empty if nothing expires. */
  readonly timesToLive: readonly TimeToLive[];
  /** Absent if no webhook is configured. */
  readonly alerts?: AlertSettings;
  readonly logLevel: LogLevel;
  readonly shutdownTimeoutMs: number;
}

/** Reads the environment. Throws `SettingsError` for the first variable that is invalid or contradicts another one. */
export function loadSettings(raw: RawEnvironment, readText?: ReadText): Settings {
  const env = readEnvironment(raw);
  const backend = chooseBackend(env);
  checkContradictions(env, backend);
  const messageMaxLength = env.MESSAGE_MAX_LENGTH;
  const names = env.RECEIVER_CLIENTS;
  const clients = names.includes('*') ? ServedClients.all : ServedClients.only(names);
  const alerts = alertSettings(env);
  return {
    backend:
      backend === 'full'
        ? fullSettings(env, readText)
        : { kind: backend, dataDir: env.DATA_DIR, retentionDays: env.LOG_RETENTION_DAYS },
    roles: { api: env.ROLES.includes('api'), receiver: env.ROLES.includes('receiver') },
    http: { host: env.HOST, port: env.PORT, bodyMemoryBytes: env.BODY_MEMORY },
    topics: { messages: env.KAFKA_TOPIC, deadLetters: env.KAFKA_DLQ_TOPIC },
    groups: groupNames(env.KAFKA_GROUP_PREFIX, clients),
    sending: {
      messageMaxLength,
      timeoutMs: env.SEND_TIMEOUT_MS,
      waitMs: env.SEND_WAIT_MS,
      refusedRecordsPerSecond: env.REFUSED_RECORD_RATE,
    },
    receiving: {
      clients,
      retry: {
        max: env.RETRY_MAX,
        initialMs: env.RETRY_INITIAL_MS,
        factor: env.RETRY_FACTOR,
        jitter: env.RETRY_JITTER,
      },
      parkedMax: env.PARKED_MAX,
      acknowledgeLostRecords: env.ACKNOWLEDGE_LOST_RECORDS,
    },
    replays: { messageMaxLength, maxReplays: env.REPLAY_MAX, leaseMs: REPLAY_LEASE_MS },
    timesToLive: timesToLive(env),
    ...(alerts && { alerts }),
    logLevel: env.LOG_LEVEL,
    shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT_MS,
  };
}

function alertSettings({
  ALERT_WEBHOOK_URL: url,
  ALERT_WEBHOOK_SECRET: secret,
  ALERT_AGE_SECONDS: age,
}: Environment): AlertSettings | undefined {
  if (url === undefined || secret === undefined) return undefined;
  return { webhook: { url, secret }, ageMs: age * 1_000 };
}

function timesToLive({ MESSAGE_TTL_DAYS, FAILED_TTL_DAYS }: Environment): TimeToLive[] {
  const times = [
    ['messages', 'MESSAGE_TTL_DAYS', MESSAGE_TTL_DAYS],
    ['failures', 'FAILED_TTL_DAYS', FAILED_TTL_DAYS],
  ] as const;
  return times.flatMap(([what, variable, days]) =>
    days === undefined ? [] : [{ what, variable, ms: days * DAY_MS }],
  );
}

/** Returns BACKEND if it is set. Otherwise `full` if a server is named, and `embedded` if none is. */
function chooseBackend(env: Environment): BackendName {
  if (env.BACKEND !== undefined) return env.BACKEND;
  if (env.KAFKA_BROKER !== undefined || env.MONGODB_URI !== undefined) return 'full';
  if (env.NODE_ENV === 'production') {
    throw new SettingsError(
      'BACKEND',
      'must be named with NODE_ENV=production: embedded, or full with KAFKA_BROKER and MONGODB_URI',
    );
  }
  return 'embedded';
}

function fullSettings(env: Environment, readText?: ReadText): FullSettings {
  const brokers = given(env, 'KAFKA_BROKER', env.KAFKA_BROKER);
  const uri = given(env, 'MONGODB_URI', env.MONGODB_URI);
  checkMongoUri(uri);
  const sasl = saslSettings(env);
  return {
    kind: 'full',
    kafka: {
      brokers,
      clientId: env.KAFKA_CLIENT_ID,
      createTopics: env.KAFKA_CREATE_TOPICS,
      partitions: env.KAFKA_PARTITIONS,
      replication: env.KAFKA_REPLICATION,
      retentionDays: env.KAFKA_RETENTION_DAYS,
      ...(env.KAFKA_SSL && { ssl: sslSettings(env, readText) }),
      ...(sasl && { sasl }),
    },
    mongodb: { uri },
  };
}

function given<T>(env: Environment, name: keyof Environment, value: T | undefined): T {
  if (value !== undefined) return value;
  const because =
    env.BACKEND === 'full' ? 'BACKEND is full' : 'the other one of KAFKA_BROKER and MONGODB_URI is set';
  throw new SettingsError(name, `is missing, while ${because}`);
}

function sslSettings(env: Environment, readText?: ReadText): NonNullable<KafkaClientSettings['ssl']> {
  const ca = readPem('KAFKA_SSL_CA', env.KAFKA_SSL_CA, readText);
  const cert = readPem('KAFKA_SSL_CERT', env.KAFKA_SSL_CERT, readText);
  const key = readPem('KAFKA_SSL_KEY', env.KAFKA_SSL_KEY, readText);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function saslSettings(env: Environment): KafkaClientSettings['sasl'] {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = env;
  if (mechanism === undefined || username === undefined || password === undefined) return undefined;
  return { mechanism, username, password };
}
