import type { CertificateFiles } from '../../adapters/http/server/server-certificate.js';
import type { KafkaClientSettings, KafkaSettings } from '../../adapters/kafka/kafka-settings.js';
import type { WebhookSettings } from '../../adapters/webhook/webhook-alerts.js';
import type { TimeToLive } from '../../application/retention/retention-guard.js';
import type { RetrySettings } from '../../domain/delivery/delivery-policy.js';
import type { ReplayRules } from '../../domain/failures/failure-actions.js';
import { ServedClients } from '../../domain/delivery/served-clients.js';
import { checkContradictions } from './contradictions.js';
import { readEnvironment } from './environment.js';
import type { BackendName, Environment, LogFormat, LogLevel, RawEnvironment } from './environment.js';
import { groupNames, type GroupNames } from './group-names.js';
import { checkMongoUri } from './mongodb-uri.js';
import { readPem, type ReadText } from './pem.js';
import { tlsSettings } from './tls.js';
import { SettingsError, SettingsProblems } from './settings-error.js';

export { SettingsError } from './settings-error.js';

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
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly bodyMemoryBytes: number;
    /** Absent for plain HTTP. */
    readonly tls?: CertificateFiles;
  };
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
  /** If absent, it depends on whether the program runs on a terminal. */
  readonly logFormat?: LogFormat;
  readonly shutdownTimeoutMs: number;
}

/**
 * Reads the environment. If variables are invalid or contradict each other, throws one error that names them all, with
 * their values.
 */
export function loadSettings(raw: RawEnvironment, readText?: ReadText): Settings {
  const problems = new SettingsProblems();
  const env = readEnvironment(raw, problems);
  const name = problems.attempt(['BACKEND', 'NODE_ENV'], () => chooseBackend(env, problems));
  checkContradictions(env, name, problems);
  const backend = name && backendSettings(name, env, problems, readText);
  const tls = problems.attempt(['TLS_CERT_FILE', 'TLS_KEY_FILE'], () => tlsSettings(env));
  const error = problems.error();
  if (error !== undefined || backend === undefined) throw error ?? new Error('Unknown back end');
  const messageMaxLength = env.MESSAGE_MAX_LENGTH;
  const names = env.RECEIVER_CLIENTS;
  const clients = names.includes('*') ? ServedClients.all : ServedClients.only(names);
  const alerts = alertSettings(env);
  return {
    backend,
    roles: { api: env.ROLES.includes('api'), receiver: env.ROLES.includes('receiver') },
    http: { host: env.HOST, port: env.PORT, bodyMemoryBytes: env.BODY_MEMORY, ...(tls && { tls }) },
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
    ...(env.LOG_FORMAT && { logFormat: env.LOG_FORMAT }),
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
function chooseBackend(env: Environment, problems: SettingsProblems): BackendName {
  if (env.BACKEND !== undefined) return env.BACKEND;
  const isNamed = (name: keyof Environment) => env[name] !== undefined || problems.has(name);
  if (isNamed('KAFKA_BROKER') || isNamed('MONGODB_URI')) return 'full';
  if (env.NODE_ENV === 'production') {
    throw new SettingsError(
      'BACKEND',
      'must be named with NODE_ENV=production: embedded, or full with KAFKA_BROKER and MONGODB_URI',
    );
  }
  return 'embedded';
}

/** Returns undefined if a server is not known. */
function backendSettings(
  name: BackendName,
  env: Environment,
  problems: SettingsProblems,
  readText?: ReadText,
): Settings['backend'] | undefined {
  if (name === 'embedded')
    return { kind: name, dataDir: env.DATA_DIR, retentionDays: env.LOG_RETENTION_DAYS };
  const brokers = problems.attempt(['KAFKA_BROKER'], () =>
    given<readonly string[]>(env, 'KAFKA_BROKER', env.KAFKA_BROKER),
  );
  const uri = problems.attempt(['MONGODB_URI'], () => {
    const value = given(env, 'MONGODB_URI', env.MONGODB_URI);
    checkMongoUri(value);
    return value;
  });
  const ssl = env.KAFKA_SSL ? sslSettings(env, problems, readText) : undefined;
  if (brokers === undefined || uri === undefined) return undefined;
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
      ...(ssl && { ssl }),
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

function sslSettings(
  env: Environment,
  problems: SettingsProblems,
  readText?: ReadText,
): NonNullable<KafkaClientSettings['ssl']> {
  const read = (name: 'KAFKA_SSL_CA' | 'KAFKA_SSL_CERT' | 'KAFKA_SSL_KEY') =>
    problems.attempt([name], () => readPem(name, env[name], readText));
  const [ca, cert, key] = [read('KAFKA_SSL_CA'), read('KAFKA_SSL_CERT'), read('KAFKA_SSL_KEY')];
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
