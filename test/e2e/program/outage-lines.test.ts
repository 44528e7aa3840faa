import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort } from '../../../scripts/stack/free-port.js';
import type { MongoServer } from '../../../scripts/stack/server.js';
import { newMongo } from '../../../scripts/stack/servers.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { freshDatabase } from '../../support/servers/test-servers.js';
import { usePrograms } from '../../support/program/use-programs.js';

describe('The log lines of the program on the full back end', function () {
  this.timeout(90_000);
  const { start, spawn } = usePrograms();
  const servers: MongoServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });

  it('are one for each server that is away, without a password and without a stack', async () => {
    const [kafkaPort, mongoPort] = [await freePort(), await freePort()];
    const broker = `127.0.0.1:${String(kafkaPort)}`;
    const host = `127.0.0.1:${String(mongoPort)}/${freshDatabase()}`;
    const program = await start({ KAFKA_BROKER: broker, MONGODB_URI: `mongodb://user:secret@${host}` });
    const texts = () => program.logLines().map(({ event, text }) => text ?? event);
    await eventually(
      () => texts().length === 3,
      () => program.stderr,
    );
    // Further attempts fail, too.
    await sleep(4_000);
    expect(texts()).to.have.members([
      `waiting for Kafka at ${broker}`,
      `waiting for MongoDB at mongodb://${host}`,
      'program.started',
    ]);
    expect(program.stderr).not.to.match(/secret|"stack"/);
  });

  it('are one more when the server is back', async () => {
    const port = await freePort();
    const address = `mongodb://127.0.0.1:${String(port)}/${freshDatabase()}`;
    const env = { ...(await fullBackend()), MONGODB_URI: `${address}?directConnection=true` };
    const program = await start(env);
    const server = await newMongo({ port, replicaSet: true });
    servers.push(server);
    await server.start();
    const texts = () =>
      program.logLines().flatMap(({ event, text }) => (/^store/.test(String(event)) ? [text] : []));
    await eventually(
      () => texts().length > 1,
      () => program.stderr,
    );
    expect(texts()).to.deep.equal([`waiting for MongoDB at ${address}`, `MongoDB at ${address} is back`]);
    expect(program.stderr).not.to.include('"stack"');
  });

  it('are none if the port is in use, only the line that says so', async () => {
    const env = await fullBackend();
    const { url } = await start(env);
    const second = spawn({ ...env, PORT: new URL(url).port });
    expect(await second.ended).to.deep.equal({ code: 1, signal: null });
    expect(second.stderr).to.match(/^PORT cannot be listened on [^\n]*EADDRINUSE[^\n]*\n$/);
    expect(second.stdout).to.equal('');
  });
});
