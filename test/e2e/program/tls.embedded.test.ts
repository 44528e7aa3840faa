import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SpawnedProgram } from '../../support/program/spawned-program.js';
import { TestAuthority } from '../../support/tls/certificates.js';

const MESSAGE = JSON.stringify({ from: 'clientA', to: 'clientB', message: 'hello' });

describe('The program with a certificate', function () {
  this.timeout(30_000);
  let folder: string;
  let authority: TestAuthority;
  let env: { readonly TLS_CERT_FILE: string; readonly TLS_KEY_FILE: string };
  let program: SpawnedProgram | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-tls-'));
    authority = await TestAuthority.create(folder);
    const { cert, key } = await authority.sign('server');
    env = { TLS_CERT_FILE: join(folder, 'server.pem'), TLS_KEY_FILE: join(folder, 'server-key.pem') };
    await writeFile(env.TLS_CERT_FILE, cert);
    await writeFile(env.TLS_KEY_FILE, key);
  });

  afterEach(() => {
    program?.kill('SIGKILL');
  });

  after(() => rm(folder, { recursive: true }));

  it('accepts and delivers messages over HTTPS, and stops with code 0', async () => {
    program = await SpawnedProgram.start(env);
    expect(program.url).to.match(/^https:/);
    expect(await send(program.url)).to.equal('201 message created.');
    expect(await read(`${program.url}/clients/clientB/inbox?wait=5`)).to.contain('"message":"hello"');
    await program.stop();
  });

  it('does not answer plain HTTP', async () => {
    program = await SpawnedProgram.start(env);
    const failure: unknown = await fetch(program.url.replace('https', 'http')).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(TypeError);
  });

  it('does not start with a key that belongs to another certificate, and says so in one line', async () => {
    const { key } = await authority.sign('other');
    const keyFile = join(folder, 'other-key.pem');
    await writeFile(keyFile, key);
    program = SpawnedProgram.spawn({ ...env, TLS_KEY_FILE: keyFile });
    expect((await program.ended).code).to.equal(1);
    expect(program.stderr).to.match(
      /^TLS_CERT_FILE and TLS_KEY_FILE cannot be used: .*key values mismatch.*\n$/,
    );
  });

  function send(url: string): Promise<string> {
    const options = {
      method: 'POST',
      ca: authority.cert,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(MESSAGE) },
    };
    return new Promise((resolve, reject) => {
      request(`${url}/send-message`, options, (response) => {
        void textOf(response).then((text) => {
          resolve(`${String(response.statusCode)} ${text}`);
        }, reject);
      })
        .once('error', reject)
        .end(MESSAGE);
    });
  }

  function read(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(url, { ca: authority.cert }, (response) => {
        resolve(textOf(response));
      }).once('error', reject);
    });
  }
});

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}
