import { expect } from 'chai';
import { loadSettings, type FullSettings } from '../../../../src/config/settings/settings.js';
import type { RawEnvironment } from '../../../../src/config/settings/environment.js';

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
      http: { host: '127.0.0.1', port: 3000, bodyMemoryBytes: 33_554_432 },
      topics: { messages: 'client-messages', deadLetters: 'client-messages-dlq' },
      sending: { messageMaxLength: 10_000, timeoutMs: 5_000, waitMs: 0, refusedRecordsPerSecond: 20 },
      groups: { receiver: 'postrider-receiver', failures: 'postrider-failures' },
      logLevel: 'info',
      shutdownTimeoutMs: 10_000,
      timesToLive: [],
      replays: { messageMaxLength: 10_000, maxReplays: 5, leaseMs: 10_000 },
    });
    expect(settings.receiving).to.deep.include({
      retry: { max: 3, initialMs: 1_000, factor: 2, jitter: 0.2 },
      parkedMax: 1_000,
      acknowledgeLostRecords: false,
    });
    expect(settings.receiving.clients.serves('anyone')).to.equal(true);
  });

  it('reads the format of log lines, which has no default', () => {
    expect(loadSettings({})).not.to.have.property('logFormat');
    expect(loadSettings({ LOG_FORMAT: 'pretty' }).logFormat).to.equal('pretty');
  });

  it('accepts a connection string with options that the program uses anyway', () => {
    const uri = 'mongodb://h/d?readConcernLevel=majority&journal=true&w=1&replicaSet=rs0';
    expect(full({ MONGODB_URI: uri }).mongodb).to.deep.equal({ uri });
  });

  it('reads zero as a value, and an empty or blank variable as unset', () => {
    const settings = loadSettings({
      PORT: '0',
      RETRY_MAX: '0',
      REFUSED_RECORD_RATE: '0',
      HOST: '',
      LOG_LEVEL: '  ',
    });
    expect(settings.http).to.include({ host: '127.0.0.1', port: 0 });
    expect(settings.receiving.retry.max).to.equal(0);
    expect(settings.sending.refusedRecordsPerSecond).to.equal(0);
    expect(settings.logLevel).to.equal('info');
  });

  it('accepts memory for bodies that is at least the largest body', () => {
    for (const [messageMaxLength, largest] of [
      ['10000', 16_777_216],
      ['100', 1_000 * (12 * 100 + 4_096)],
    ] as const) {
      const env = { BODY_MEMORY: String(largest), MESSAGE_MAX_LENGTH: messageMaxLength };
      expect(loadSettings(env).http.bodyMemoryBytes).to.equal(largest);
    }
  });

  it('ignores white space around values, and unknown variables', () => {
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

  it('selects the full back end if both servers are named', () => {
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

  it('selects the embedded back end by name, whatever servers are named', () => {
    expect(loadSettings({ ...FULL, BACKEND: 'embedded', NODE_ENV: 'production' }).backend.kind).to.equal(
      'embedded',
    );
  });

  it('splits the brokers and drops empty ones', () => {
    expect(full({ KAFKA_BROKER: 'a:9092, b:9093,,[::1]:9094' }).kafka.brokers).to.deep.equal([
      'a:9092',
      'b:9093',
      '[::1]:9094',
    ]);
  });

  it('gives each set of clients its own group, however the set is written', () => {
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

  it('accepts a single role only with the full back end', () => {
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

  it('enables alerts if a webhook is configured', () => {
    const env = { ALERT_WEBHOOK_URL: 'https://x.test/hook?a=b', ALERT_WEBHOOK_SECRET: 'whsec_c2VjcmV0IQ==' };
    const webhook = { url: env.ALERT_WEBHOOK_URL, secret: env.ALERT_WEBHOOK_SECRET };
    expect(loadSettings({ ALERT_AGE_SECONDS: '5' })).not.to.have.property('alerts');
    expect(loadSettings(env).alerts).to.deep.equal({ webhook, ageMs: 3_600_000 });
    expect(loadSettings({ ...env, ALERT_AGE_SECONDS: '1.5' }).alerts?.ageMs).to.equal(1_500);
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
