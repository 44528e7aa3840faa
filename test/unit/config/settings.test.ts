import { expect } from 'chai';
import { loadSettings, SettingsError, type FullSettings } from '../../../src/config/settings.js';
import type { RawEnvironment } from '../../../src/config/environment.js';

const FULL = { KAFKA_BROKER: 'localhost:9092', MONGODB_URI: 'mongodb://localhost:27017/messaging-db' };

function full(env: RawEnvironment): FullSettings {
  const { backend } = loadSettings({ ...FULL, ...env });
  if (backend.kind !== 'full') throw new Error('the full back end was expected');
  return backend;
}

describe('loadSettings', () => {
  it('has a default for everything', () => {
    const settings = loadSettings({});
    expect(settings).to.deep.include({
      backend: { kind: 'embedded', dataDir: './data', retentionDays: 30 },
      roles: { api: true, receiver: true },
      http: { host: '127.0.0.1', port: 3000 },
      topics: { messages: 'client-messages', deadLetters: 'client-messages-dlq' },
      sending: { messageMaxLength: 10_000, timeoutMs: 5_000, waitMs: 0, refusedRecordsPerSecond: 20 },
      groups: { receiver: 'postrider-receiver', failures: 'postrider-failures' },
      logLevel: 'info',
      shutdownTimeoutMs: 10_000,
      timesToLive: [],
      replays: { messageMaxLength: 10_000, maxReplays: 5, leaseMs: 30_000 },
    });
    expect(settings.receiving).to.deep.include({
      retry: { max: 3, initialMs: 1_000, factor: 2, jitter: 0.2 },
      parkedMax: 1_000,
      acknowledgeLostRecords: false,
    });
    expect(settings.receiving.clients.serves('anyone')).to.equal(true);
  });

  it('takes zero for a value and an empty or blank variable for none', () => {
    const settings = loadSettings({
      PORT: '0',
      RETRY_MAX: '0',
      REFUSED_RECORD_RATE: '0',
      HOST: '',
      LOG_LEVEL: '  ',
    });
    expect(settings.http).to.deep.equal({ host: '127.0.0.1', port: 0 });
    expect(settings.receiving.retry.max).to.equal(0);
    expect(settings.sending.refusedRecordsPerSecond).to.equal(0);
    expect(settings.logLevel).to.equal('info');
  });

  it('ignores white space around values and variables that it does not know', () => {
    expect(loadSettings({ PORT: ' 4000\n', SOMETHING_ELSE: 'x' }).http.port).to.equal(4000);
  });

  it('reads flags as words and as digits', () => {
    for (const [text, value] of [
      ['true', true],
      ['1', true],
      ['false', false],
      ['0', false],
    ] as const) {
      expect(full({ KAFKA_CREATE_TOPICS: text }).kafka.createTopics).to.equal(value);
    }
  });

  it('takes the full back end when both servers are named', () => {
    expect(full({})).to.deep.equal({
      kind: 'full',
      kafka: {
        brokers: ['localhost:9092'],
        clientId: 'postrider',
        createTopics: true,
        partitions: 12,
        replication: 1,
        retentionDays: 30,
      },
      mongodb: { uri: FULL.MONGODB_URI },
    });
  });

  it('takes the embedded back end by name, whatever servers are named', () => {
    expect(loadSettings({ ...FULL, BACKEND: 'embedded', NODE_ENV: 'production' }).backend.kind).to.equal(
      'embedded',
    );
  });

  it('splits the brokers and drops what is empty', () => {
    expect(full({ KAFKA_BROKER: 'a:9092, b:9093,,[::1]:9094' }).kafka.brokers).to.deep.equal([
      'a:9092',
      'b:9093',
      '[::1]:9094',
    ]);
  });

  it('gives each set of clients a group of its own, however the set is written', () => {
    const group = (clients: string) => loadSettings({ RECEIVER_CLIENTS: clients }).groups;
    expect(group('clientB').receiver).to.match(/^postrider-receiver-[0-9a-f]{12}$/);
    expect(group('clientA, clientB').receiver).to.equal(group('clientB,clientA,clientB').receiver);
    expect(group('clientA').receiver).not.to.equal(group('clientB').receiver);
    expect(group('clientA').failures).to.equal('postrider-failures');
    expect(loadSettings({ KAFKA_GROUP_PREFIX: 'team' }).groups).to.deep.equal({
      receiver: 'team-receiver',
      failures: 'team-failures',
    });
  });

  it('takes one role only with the full back end', () => {
    expect(loadSettings({ ...FULL, ROLES: 'receiver' }).roles).to.deep.equal({ api: false, receiver: true });
  });

  it('reads SASL', () => {
    const sasl = {
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    };
    expect(full(sasl).kafka.sasl).to.deep.equal({ mechanism: 'scram-sha-512', username: 'u', password: 'p' });
  });

  it('reads certificates from files and from the variables themselves', () => {
    const inline = String.raw`-----BEGIN PRIVATE KEY-----\nk\n-----END PRIVATE KEY-----`;
    const env = {
      ...FULL,
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA: '/ca.pem',
      KAFKA_SSL_CERT: '/cert.pem',
      KAFKA_SSL_KEY: inline,
    };
    const { backend } = loadSettings(env, (path) => `-----BEGIN CERTIFICATE----- ${path}`);
    expect((backend as FullSettings).kafka.ssl).to.deep.equal({
      ca: '-----BEGIN CERTIFICATE----- /ca.pem',
      cert: '-----BEGIN CERTIFICATE----- /cert.pem',
      key: '-----BEGIN PRIVATE KEY-----\nk\n-----END PRIVATE KEY-----',
    });
    expect(full({ KAFKA_SSL: 'true' }).kafka.ssl).to.deep.equal({});
  });
});

describe('loadSettings refuses, in one line that names the variable,', () => {
  const refused: readonly (readonly [what: string, env: RawEnvironment, line: RegExp])[] = [
    ['a port that is none', { PORT: 'http' }, /^PORT must be a number$/],
    ['a port out of range', { PORT: '65536' }, /^PORT must be a valid port$/],
    ['a host that is none', { HOST: 'a b' }, /^HOST must be a valid hostname$/],
    ['another back end', { BACKEND: 'both' }, /^BACKEND must be one of \[embedded, full\]$/],
    ['another role', { ...FULL, ROLES: 'api,cook' }, /^ROLES must be a comma list of api and receiver$/],
    [
      'a list of nothing',
      { RECEIVER_CLIENTS: ',' },
      /^RECEIVER_CLIENTS must be \* or a comma list of client names$/,
    ],
    ['a client that can have no mail', { RECEIVER_CLIENTS: 'a b' }, /^RECEIVER_CLIENTS must be \* or/],
    ['all clients and some', { RECEIVER_CLIENTS: '*,clientB' }, /^RECEIVER_CLIENTS must be either \*/],
    ['Kafka alone', { KAFKA_BROKER: 'localhost:9092' }, /^MONGODB_URI is missing, while the other one/],
    ['MongoDB alone', { MONGODB_URI: FULL.MONGODB_URI }, /^KAFKA_BROKER is missing, while the other one/],
    [
      'the full back end without servers',
      { BACKEND: 'full' },
      /^KAFKA_BROKER is missing, while BACKEND is full$/,
    ],
    ['embedded by default in production', { NODE_ENV: 'production' }, /^BACKEND must be named/],
    ['one role on the embedded back end', { ROLES: 'api' }, /^ROLES must be api,receiver with the embedded/],
    [
      'a broker without port',
      { ...FULL, KAFKA_BROKER: 'localhost' },
      /^KAFKA_BROKER must be a comma list of host:port$/,
    ],
    [
      'another database',
      { ...FULL, MONGODB_URI: 'postgres://u:secret@h/d' },
      /^MONGODB_URI must begin with mongodb:/,
    ],
    [
      'a flag that is none',
      { ...FULL, KAFKA_CREATE_TOPICS: 'maybe' },
      /^KAFKA_CREATE_TOPICS must be a boolean$/,
    ],
    ['a topic name that is none', { KAFKA_TOPIC: 'a b' }, /^KAFKA_TOPIC must be a topic name/],
    ['one topic for both', { KAFKA_TOPIC: 'x', KAFKA_DLQ_TOPIC: 'x' }, /^KAFKA_DLQ_TOPIC must differ/],
    [
      'no partitions',
      { ...FULL, KAFKA_PARTITIONS: '0' },
      /^KAFKA_PARTITIONS must be greater than or equal to 1$/,
    ],
    ['half a message', { MESSAGE_MAX_LENGTH: '0.5' }, /^MESSAGE_MAX_LENGTH must be an integer$/],
    [
      'messages beyond all measure',
      { MESSAGE_MAX_LENGTH: '100001' },
      /^MESSAGE_MAX_LENGTH must be less than or equal/,
    ],
    ['jitter above one', { RETRY_JITTER: '1.5' }, /^RETRY_JITTER must be less than or equal to 1$/],
    [
      'SASL without password',
      { ...FULL, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' },
      /^KAFKA_SASL_PASSWORD is missing, while KAFKA_SASL_USERNAME is set$/,
    ],
    [
      'SASL without mechanism',
      { ...FULL, KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' },
      /^KAFKA_SASL_MECHANISM is missing/,
    ],
    ['certificates without TLS', { ...FULL, KAFKA_SSL_CA: '/ca.pem' }, /^KAFKA_SSL_CA needs KAFKA_SSL=true$/],
    [
      'a certificate without its key',
      { ...FULL, KAFKA_SSL: '1', KAFKA_SSL_CERT: '/c.pem' },
      /^KAFKA_SSL_KEY is missing/,
    ],
    [
      'a file that is not there',
      { ...FULL, KAFKA_SSL: '1', KAFKA_SSL_CA: '/none.pem' },
      /^KAFKA_SSL_CA names a file that cannot be read: \/none.pem$/,
    ],
  ];

  for (const [what, env, line] of refused) {
    it(what, () => {
      const error = thrownBy(() => loadSettings(env));
      if (!(error instanceof SettingsError)) throw error;
      expect(error.message).to.match(line).and.not.include('\n');
      expect(error.message).not.to.include('secret');
      expect(error.message.split(' ')[0]).to.equal(error.variable);
    });
  }

  it('a file that is no certificate', () => {
    const env = { ...FULL, KAFKA_SSL: 'true', KAFKA_SSL_CA: '/etc/hosts' };
    expect(() => loadSettings(env, () => '127.0.0.1')).to.throw(
      SettingsError,
      /^KAFKA_SSL_CA names a file that is not PEM/,
    );
  });
});

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
