import { expect } from 'chai';
import { loadSettings, SettingsError } from '../../../../src/config/settings/settings.js';
import type { RawEnvironment } from '../../../../src/config/settings/environment.js';

const FULL = { KAFKA_BROKER: 'localhost:9092', MONGODB_URI: 'mongodb://localhost:27017/messaging-db' };

describe('loadSettings rejects, in one line that names the variable,', () => {
  const refused: readonly (readonly [what: string, env: RawEnvironment, line: RegExp])[] = [
    ['an invalid port', { PORT: 'http' }, /^PORT must be a number, not "http"$/],
    ['a port out of range', { PORT: '65536' }, /^PORT must be a valid port, not "65536"$/],
    ['an invalid host', { HOST: 'a b' }, /^HOST must be a valid hostname, not "a b"$/],
    ['another back end', { BACKEND: 'both' }, /^BACKEND must be one of \[embedded, full\], not "both"$/],
    [
      'another role',
      { ...FULL, ROLES: 'api,cook' },
      /^ROLES must be a comma list of api and receiver, not "api,cook"$/,
    ],
    [
      'an empty list',
      { RECEIVER_CLIENTS: ',' },
      /^RECEIVER_CLIENTS must be \* or a comma list of client names, not ","$/,
    ],
    ['an invalid client name', { RECEIVER_CLIENTS: 'a b' }, /^RECEIVER_CLIENTS must be \* or/],
    [
      'all clients together with named ones',
      { RECEIVER_CLIENTS: '*,clientB' },
      /^RECEIVER_CLIENTS must be either \* .*: "\*,clientB"$/,
    ],
    ['Kafka alone', { KAFKA_BROKER: 'localhost:9092' }, /^MONGODB_URI is missing, while the other one/],
    ['MongoDB alone', { MONGODB_URI: FULL.MONGODB_URI }, /^KAFKA_BROKER is missing, while the other one/],
    [
      'the full back end without Kafka',
      { BACKEND: 'full', MONGODB_URI: FULL.MONGODB_URI },
      /^KAFKA_BROKER is missing, while BACKEND is full$/,
    ],
    ['embedded by default in production', { NODE_ENV: 'production' }, /^BACKEND must be named/],
    [
      'one role on the embedded back end',
      { ROLES: 'api' },
      /^ROLES must be api,receiver with the embedded .*, not "api"$/,
    ],
    [
      'a broker without port',
      { ...FULL, KAFKA_BROKER: 'localhost' },
      /^KAFKA_BROKER must be a comma list of host:port, not "localhost"$/,
    ],
    [
      'another database',
      { ...FULL, MONGODB_URI: 'postgres://u:secret@h/d' },
      /^MONGODB_URI must begin with mongodb:.*, not "postgres:\/\/h\/d"$/,
    ],
    ...[
      ['readConcernLevel=local', 'readConcernLevel', 'majority', 'local'],
      ['READCONCERNLEVEL=snapshot', 'READCONCERNLEVEL', 'majority', 'snapshot'],
      ['readConcernLevel=%6Cocal', 'readConcernLevel', 'majority', 'local'],
      ['journal=false', 'journal', 'true', 'false'],
      ['w=majority&J=False', 'J', 'true', 'False'],
    ].map(
      ([options = '', name = '', value = '', given = '']) =>
        [
          `a connection string with ${options}`,
          { ...FULL, MONGODB_URI: `mongodb://u:secret@h/d?${options}` },
          new RegExp(
            `^MONGODB_URI must not weaken reads or writes: ${name} may only be ${value}, not "${given}"$`,
          ),
        ] as const,
    ),
    [
      'a connection string that the driver rejects',
      { ...FULL, MONGODB_URI: 'mongodb://u:secret@h:1,h:2/d?directConnection=true&appName=secret' },
      /^MONGODB_URI is no connection string that MongoDB understands: "mongodb:\/\/h:1,h:2\/d"$/,
    ],
    [
      'a key whose text lacks its first line',
      { ...FULL, KAFKA_SSL: '1', KAFKA_SSL_CERT: '-----BEGIN CERTIFICATE-----', KAFKA_SSL_KEY: 'MIIsecret' },
      /^KAFKA_SSL_KEY is neither PEM text nor the path of a PEM file$/,
    ],
    [
      'an invalid flag',
      { ...FULL, KAFKA_CREATE_TOPICS: 'maybe' },
      /^KAFKA_CREATE_TOPICS must be a boolean, not "maybe"$/,
    ],
    ['an invalid topic name', { KAFKA_TOPIC: 'a b' }, /^KAFKA_TOPIC must be a topic name/],
    [
      'one topic for both',
      { KAFKA_TOPIC: 'x', KAFKA_DLQ_TOPIC: 'x' },
      /^KAFKA_DLQ_TOPIC must differ from KAFKA_TOPIC, which is also "x"$/,
    ],
    [
      'no partitions',
      { ...FULL, KAFKA_PARTITIONS: '0' },
      /^KAFKA_PARTITIONS must be greater than or equal to 1, not "0"$/,
    ],
    ['half a message', { MESSAGE_MAX_LENGTH: '0.5' }, /^MESSAGE_MAX_LENGTH must be an integer, not "0.5"$/],
    [
      'a message limit that is too high',
      { MESSAGE_MAX_LENGTH: '100001' },
      /^MESSAGE_MAX_LENGTH must be less than or equal/,
    ],
    [
      'less memory for bodies than the largest body needs',
      { BODY_MEMORY: '16777215' },
      /^BODY_MEMORY must be at least 16777216, the largest body in bytes, not "16777215"$/,
    ],
    [
      'less memory for bodies than a thousand short messages need',
      { BODY_MEMORY: '5295999', MESSAGE_MAX_LENGTH: '100' },
      /^BODY_MEMORY must be at least 5296000/,
    ],
    ['half a byte', { BODY_MEMORY: '32000000.5' }, /^BODY_MEMORY must be an integer, not "32000000.5"$/],
    [
      'jitter above one',
      { RETRY_JITTER: '1.5' },
      /^RETRY_JITTER must be less than or equal to 1, not "1.5"$/,
    ],
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
    [
      'an invalid webhook URL',
      { ALERT_WEBHOOK_URL: 'ftp://x/secret' },
      /^ALERT_WEBHOOK_URL must be a URL that .*, not "ftp:\/\/x\/\*\*\*"$/,
    ],
    [
      'a webhook without a secret',
      { ALERT_WEBHOOK_URL: 'http://x/secret' },
      /^ALERT_WEBHOOK_SECRET is missing, while ALERT_WEBHOOK_URL is set$/,
    ],
    [
      'a secret without a webhook',
      { ALERT_WEBHOOK_SECRET: 'whsec_c2VjcmV0IQ==' },
      /^ALERT_WEBHOOK_URL is missing, while ALERT_WEBHOOK_SECRET is set$/,
    ],
    ...['secret', 'whsec_', 'whsec_se-cret', 'whsec_secret!'].map((secret) => {
      const env = { ALERT_WEBHOOK_URL: 'http://x', ALERT_WEBHOOK_SECRET: secret };
      return [`${secret} as a secret`, env, /^ALERT_WEBHOOK_SECRET must be whsec_ and base64$/] as const;
    }),
    ['certificates without TLS', { ...FULL, KAFKA_SSL_CA: '/ca.pem' }, /^KAFKA_SSL_CA needs KAFKA_SSL=true$/],
    [
      'a certificate without its key',
      { ...FULL, KAFKA_SSL: '1', KAFKA_SSL_CERT: '-----BEGIN CERTIFICATE-----' },
      /^KAFKA_SSL_KEY is missing/,
    ],
    [
      'a missing file',
      { ...FULL, KAFKA_SSL: '1', KAFKA_SSL_CA: '/none.pem' },
      /^KAFKA_SSL_CA names a file that cannot be read: "\/none\.pem"$/,
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

  it('a file that is not a certificate', () => {
    const env = { ...FULL, KAFKA_SSL: 'true', KAFKA_SSL_CA: '/etc/hosts' };
    expect(() => loadSettings(env, () => '127.0.0.1')).to.throw(
      SettingsError,
      /^KAFKA_SSL_CA names a file that is not PEM/,
    );
  });
});

describe('loadSettings names everything that is wrong at once', () => {
  const problemsOf = (env: RawEnvironment) => thrownBy(() => loadSettings(env)).message.split('\n');

  it('with a line for each variable', () => {
    const env = {
      ...{ PORT: 'http', HOST: 'a b', KAFKA_PARTITIONS: '0.5', KAFKA_SSL_CA: '/ca.pem' },
      ...{ KAFKA_BROKER: 'localhost', MONGODB_URI: 'mongodb://u:secret@h/d?journal=false' },
      ...{ ALERT_WEBHOOK_SECRET: 'secret', KAFKA_TOPIC: 'x', KAFKA_DLQ_TOPIC: 'x' },
    };
    expect(problemsOf(env)).to.have.members([
      'PORT must be a number, not "http"',
      'HOST must be a valid hostname, not "a b"',
      'KAFKA_PARTITIONS must be an integer, not "0.5"',
      'KAFKA_BROKER must be a comma list of host:port, not "localhost"',
      'MONGODB_URI must not weaken reads or writes: journal may only be true, not "false"',
      'ALERT_WEBHOOK_SECRET must be whsec_ and base64',
      'KAFKA_SSL_CA needs KAFKA_SSL=true',
      'KAFKA_DLQ_TOPIC must differ from KAFKA_TOPIC, which is also "x"',
    ]);
  });

  it('such as both missing servers', () => {
    expect(problemsOf({ BACKEND: 'full' })).to.deep.equal([
      'KAFKA_BROKER is missing, while BACKEND is full',
      'MONGODB_URI is missing, while BACKEND is full',
    ]);
  });

  it('such as both missing files', () => {
    const env = { ...FULL, KAFKA_SSL: '1', KAFKA_SSL_CERT: '/c.pem', KAFKA_SSL_KEY: '/k.pem' };
    expect(problemsOf(env)).to.deep.equal([
      'KAFKA_SSL_CERT names a file that cannot be read: "/c.pem"',
      'KAFKA_SSL_KEY names a file that cannot be read: "/k.pem"',
    ]);
  });

  it('without what only follows from another problem', () => {
    expect(problemsOf({ ROLES: 'api', BACKEND: 'both' })).to.have.lengthOf(1);
    expect(problemsOf({ ROLES: 'api', KAFKA_BROKER: 'localhost' })).to.deep.equal([
      'KAFKA_BROKER must be a comma list of host:port, not "localhost"',
      'MONGODB_URI is missing, while the other one of KAFKA_BROKER and MONGODB_URI is set',
    ]);
    expect(problemsOf({ MESSAGE_MAX_LENGTH: '0', BODY_MEMORY: '5296000' })).to.have.lengthOf(1);
    expect(problemsOf({ ...FULL, KAFKA_SASL_MECHANISM: 'x', KAFKA_SASL_PASSWORD: 'p' })).to.have.lengthOf(1);
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
