import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { VARIABLES } from '../../../src/config/settings/environment.js';
import { loadSettings, type Settings } from '../../../src/config/settings/settings.js';
import { imageEnvironment } from '../../support/docs/dockerfile.js';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly container_name?: string;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const { kafka, mongodb, ...programs } = compose.services;
const listed = Object.entries(programs);

/** The settings that the program derives from a service's environment, on top of the image's. */
function settingsOf({ environment }: Service): Settings {
  const given = Object.entries(environment ?? {}).map(([name, value]) => [name, String(value)] as const);
  return loadSettings({ ...imageEnvironment(), ...Object.fromEntries(given) });
}

/** The services that start with these profiles. */
function started(...active: readonly string[]): readonly string[] {
  const starts = ({ profiles = [] }: Service): boolean =>
    profiles.length === 0 || profiles.some((profile) => active.includes(profile));
  return listed.filter(([, service]) => starts(service)).map(([name]) => name);
}

describe('docker-compose.yml', () => {
  for (const [name, service] of listed) {
    describe(`The service ${name}`, () => {
      it('has an environment that the program starts with, on the servers of this file', () => {
        const { backend } = settingsOf(service);
        expect(backend).to.have.nested.property('kafka.brokers').that.deep.equals(['kafka:29092']);
        expect(backend).to.have.nested.property(
          'mongodb.uri',
          'mongodb://mongodb:27017/messaging-db?replicaSet=rs0',
        );
        expect([...VARIABLES.keys()]).to.include.members(Object.keys(service.environment ?? {}));
      });

      it('runs the one image, in any number of containers', () => {
        expect(service.image).to.equal('postrider');
        expect(service).not.to.have.property('container_name');
        for (const port of service.ports ?? []) expect(port).to.match(/\d+-\d+:\d+$/);
      });

      it('starts once Kafka and MongoDB are healthy', () => {
        const healthy = { condition: 'service_healthy' };
        expect(service.depends_on).to.deep.equal({ kafka: healthy, mongodb: healthy });
      });

      it('has a longer stop timeout than the program needs', () => {
        const [, seconds] = /^(\d+)s$/.exec(service.stop_grace_period ?? '') ?? [];
        expect(Number(seconds) * 1_000).to.be.above(settingsOf(service).shutdownTimeoutMs);
      });
    });
  }

  it('starts an api and a receiver for all clients', () => {
    expect(started()).to.deep.equal(['api', 'receiver']);
    expect(settingsOf(programs['api']!).roles).to.deep.equal({ api: true, receiver: false });
    expect(settingsOf(programs['receiver']!).roles).to.deep.equal({ api: false, receiver: true });
    expect(settingsOf(programs['receiver']!).receiving.clients.canonical).to.be.undefined;
  });

  it('publishes every port on the loopback interface only, in every profile', () => {
    const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports);
    expect(published).to.have.lengthOf(3);
    for (const port of published) expect(port).to.match(/^127\.0\.0\.1:\d/);
  });

  it('publishes ten ports for apis, and none for receivers', () => {
    expect(listed.map(([, { ports }]) => ports)).to.deep.equal([
      ['127.0.0.1:3000-3009:3000'],
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has a profile with a receiver for each of two clients', () => {
    const added = started('clients').filter((name) => !started().includes(name));
    const served = added.map((name) => settingsOf(programs[name]!).receiving.clients.canonical);
    expect(served).to.deep.equal(['clientA', 'clientB']);
  });

  it('builds the image in one place', () => {
    expect(listed.filter(([, { build }]) => build !== undefined).map(([name]) => name)).to.deep.equal([
      'api',
    ]);
  });

  it('advertises Kafka as localhost:9092 outside and as kafka:29092 inside', () => {
    const environment = kafka?.environment ?? {};
    expect(environment).to.include({
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    });
    expect(String(environment['KAFKA_ADVERTISED_LISTENERS']).split(',')).to.have.members([
      'OUTSIDE://localhost:9092',
      'INSIDE://kafka:29092',
    ]);
  });

  it('makes MongoDB a replica set that its services reach by name', () => {
    const [, shell, , , script] = mongodb?.healthcheck?.test ?? [];
    expect(shell).to.equal('mongosh');
    expect(script).to.include("rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongodb:27017' }] })");
    const command = [
      '--replSet',
      'rs0',
      '--bind_ip_all',
      '--setParameter',
      'transactionLifetimeLimitSeconds=15',
    ];
    expect(mongodb).to.deep.include({ command, hostname: 'mongodb' });
  });

  it('exposes Kafka and MongoDB only on this machine, and keeps their data in named volumes', () => {
    for (const server of [kafka, mongodb]) {
      for (const port of server?.ports ?? ['none']) expect(port).to.match(/^127\.0\.0\.1:(\d+):\1$/);
      expect(server?.volumes).not.to.be.empty;
      for (const volume of server?.volumes ?? [])
        expect(compose.volumes).to.have.property(volume.split(':')[0] ?? '');
    }
  });
});
