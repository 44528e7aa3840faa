import joi from 'joi';
import { isClientName } from '../../domain/message-rules.js';
import { givenValue } from './given-value.js';
import { SettingsError, type SettingsProblems } from './settings-error.js';

export type BackendName = 'embedded' | 'full';
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFormat = 'json' | 'pretty';
export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

const TIMER_MAX_MS = 2_147_483_647;
const TOPIC = /^(?!\.\.?$)[A-Za-z0-9._-]{1,249}$/;
const WEBHOOK_SECRET =
  /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=?|[A-Za-z0-9+/]{2}(?:==)?)$/;
const BROKER = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@,[\]]+):\d{1,5}$/;

const text = <T extends string = string>() => joi.string<T>();
const optional = <T>(schema: joi.AnySchema<T>): joi.AnySchema<T | undefined> => schema;
const matching = (pattern: RegExp, must: string) =>
  text()
    .pattern(pattern)
    .messages({ 'string.pattern.base': `{{#label}} ${must}` });
const whole = (min: number, max: number) => joi.number().integer().min(min).max(max);
const flag = (byDefault: boolean) => joi.boolean().truthy('1').falsy('0').default(byDefault);
const list = (item: joi.Schema, must: string) =>
  joi
    .array<readonly string[]>()
    .items(item)
    .min(1)
    .messages({ '*': `{{#label}} ${must}` });
const topic = matching(TOPIC, 'must be a topic name: 1 to 249 of A-Z a-z 0-9 . _ -');
const client = joi.string().custom((name: string) => {
  if (name !== '*' && !isClientName(name)) throw new Error('not a client name');
  return name;
});

/** Every variable that the program reads, each validated separately. */
const variables = {
  NODE_ENV: optional(text()),
  HOST: text().hostname().default('127.0.0.1'),
  PORT: joi.number().port().default(3000),
  TLS_CERT_FILE: optional(text()),
  TLS_KEY_FILE: optional(text()),
  BODY_MEMORY: whole(0, Number.MAX_SAFE_INTEGER).default(32 * 1024 * 1024),
  BACKEND: optional(text<BackendName>().valid('embedded', 'full')),
  ROLES: list(joi.valid('api', 'receiver'), 'must be a comma list of api and receiver').default([
    'api',
    'receiver',
  ]),
  LOG_LEVEL: text<LogLevel>().valid('error', 'warn', 'info', 'debug').default('info'),
  LOG_FORMAT: optional(text<LogFormat>().valid('json', 'pretty')),
  SHUTDOWN_TIMEOUT_MS: whole(0, TIMER_MAX_MS).default(10_000),
  DATA_DIR: text().default('./data'),
  LOG_RETENTION_DAYS: joi.number().min(0).default(30),
  MONGODB_URI: optional(
    matching(/^mongodb(?:\+srv)?:\/\/[^/]/, 'must begin with mongodb:// or mongodb+srv:// and name a host'),
  ),
  KAFKA_BROKER: optional(list(joi.string().pattern(BROKER), 'must be a comma list of host:port')),
  KAFKA_CLIENT_ID: text().default('postrider'),
  KAFKA_TOPIC: topic.default('client-messages'),
  KAFKA_DLQ_TOPIC: topic.default('client-messages-dlq'),
  KAFKA_GROUP_PREFIX: text().default('postrider'),
  KAFKA_CREATE_TOPICS: flag(true),
  KAFKA_PARTITIONS: whole(1, 10_000).default(12),
  KAFKA_REPLICATION: whole(1, 32_767).default(1),
  KAFKA_RETENTION_DAYS: joi.number().positive().default(30),
  KAFKA_SSL: flag(false),
  KAFKA_SSL_CA: optional(text()),
  KAFKA_SSL_CERT: optional(text()),
  KAFKA_SSL_KEY: optional(text()),
  KAFKA_SASL_MECHANISM: optional(
    text<SaslMechanism>().lowercase().valid('plain', 'scram-sha-256', 'scram-sha-512'),
  ),
  KAFKA_SASL_USERNAME: optional(text()),
  KAFKA_SASL_PASSWORD: optional(text()),
  RECEIVER_CLIENTS: list(client, 'must be * or a comma list of client names').default(['*']),
  RETRY_MAX: whole(0, 1_000).default(3),
  RETRY_INITIAL_MS: whole(0, TIMER_MAX_MS).default(1_000),
  RETRY_FACTOR: joi.number().min(1).max(100).default(2),
  RETRY_JITTER: joi.number().min(0).max(1).default(0.2),
  PARKED_MAX: whole(1, 1_000_000).default(1_000),
  MESSAGE_MAX_LENGTH: whole(1, 100_000).default(10_000),
  SEND_TIMEOUT_MS: whole(1, TIMER_MAX_MS).default(5_000),
  SEND_WAIT_MS: whole(0, 30_000).default(0),
  REFUSED_RECORD_RATE: joi.number().min(0).default(20),
  REPLAY_MAX: whole(0, 1_000).default(5),
  MESSAGE_TTL_DAYS: optional(joi.number().min(0)),
  FAILED_TTL_DAYS: optional(joi.number().min(0)),
  ALERT_WEBHOOK_URL: optional(
    text()
      .uri({ scheme: ['http', 'https'] })
      .messages({ '*': '{{#label}} must be a URL that begins with http:// or https://' }),
  ),
  ALERT_WEBHOOK_SECRET: optional(matching(WEBHOOK_SECRET, 'must be whsec_ and base64')),
  ALERT_AGE_SECONDS: joi.number().min(0).default(3_600),
  ACKNOWLEDGE_LOST_RECORDS: flag(false),
};

/** The values of the variables. */
export type Environment = {
  readonly [Name in keyof typeof variables]: (typeof variables)[Name] extends joi.AnySchema<infer T>
    ? T
    : never;
};

const schema = joi
  .object<Environment>(variables)
  .prefs({ abortEarly: false, stripUnknown: true, errors: { wrap: { label: false } } });

const LISTS: ReadonlySet<string> = new Set(['ROLES', 'KAFKA_BROKER', 'RECEIVER_CLIENTS']);

/** Each variable and its default, in the order of the schema. Tests compare it with the documentation. */
export const VARIABLES: ReadonlyMap<string, unknown> = new Map(
  Object.entries(schema.describe().keys as Record<string, { flags?: { default?: unknown } }>).map(
    ([name, { flags }]) => [name, flags?.default],
  ),
);

/**
 * Parses and validates the variables. Trims values, treats empty ones as absent and ignores unknown variables. An
 * invalid variable is added to the problems, and has its default.
 */
export function readEnvironment(raw: RawEnvironment, problems: SettingsProblems): Environment {
  const given = new Map<string, string | readonly string[]>();
  for (const name of VARIABLES.keys()) {
    const value = raw[name]?.trim() ?? '';
    if (value !== '') given.set(name, LISTS.has(name) ? splitList(value) : value);
  }
  const result = schema.validate(Object.fromEntries(given));
  if (result.error === undefined) return result.value;
  for (const { path, message } of result.error.details) {
    const name = String(path[0]);
    const shown = givenValue(name, raw[name]?.trim() ?? '');
    const problem = message.replace(/^\S+ /, '').replaceAll(/\s+/g, ' ');
    problems.add(new SettingsError(name, shown === undefined ? problem : `${problem}, not ${shown}`));
    given.delete(name);
  }
  return joi.attempt(Object.fromEntries(given), schema);
}

function splitList(value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}
