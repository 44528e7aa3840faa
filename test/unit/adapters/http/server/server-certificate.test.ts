import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import express from 'express';
import { HttpServer } from '../../../../../src/adapters/http/server/http-server.js';
import {
  readKeyPair,
  ServerCertificate,
} from '../../../../../src/adapters/http/server/server-certificate.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';
import { TestAuthority, type Certificate } from '../../../../support/tls/certificates.js';

const MINUTE_MS = 60_000;

describe('The certificate of the HTTP server', function () {
  this.timeout(30_000);
  let folder: string;
  let files: { readonly certFile: string; readonly keyFile: string };
  let authority: TestAuthority;
  let first: Certificate;
  let second: Certificate;
  let logger: RecordingLogger;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-certificate-'));
    files = { certFile: join(folder, 'server.crt'), keyFile: join(folder, 'server.key') };
    authority = await TestAuthority.create(folder);
    [first, second] = [await authority.sign('first'), await authority.sign('second')];
  });

  after(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    logger = new RecordingLogger();
    await write(first);
  });

  async function write({ cert, key }: Partial<Certificate>): Promise<void> {
    if (cert !== undefined) await writeFile(files.certFile, cert);
    if (key !== undefined) await writeFile(files.keyFile, key);
  }

  it('is not accepted if a file is missing or no PEM, or the key belongs to another certificate', async () => {
    expect(() => readKeyPair({ ...files, keyFile: join(folder, 'absent') })).to.throw('ENOENT');
    await write({ cert: second.cert });
    expect(() => readKeyPair(files)).to.throw('key values mismatch');
    await write({ cert: 'no certificate' });
    expect(() => readKeyPair(files)).to.throw('no start line');
  });

  it('is renewed once when both files have changed', async () => {
    const certificate = new ServerCertificate(files, logger);
    expect(certificate.renewed()).to.equal(undefined);
    await write(second);
    expect(certificate.renewed()).to.deep.equal({ cert: second.cert, key: second.key });
    expect(certificate.renewed()).to.equal(undefined);
    expect(logger.events()).to.deep.equal(['http.certificate-renewed']);
  });

  it('is kept while the files cannot be used, which is logged once', async () => {
    const certificate = new ServerCertificate(files, logger);
    await write({ cert: second.cert });
    for (let check = 0; check < 3; check += 1) expect(certificate.renewed()).to.equal(undefined);
    expect(certificate.current.cert).to.equal(first.cert);
    expect(logger.events()).to.deep.equal(['http.certificate-not-usable']);
    await write({ key: second.key });
    expect(certificate.renewed()?.cert).to.equal(second.cert);
  });

  it('is used by new connections within a minute after its files have changed', async () => {
    const clock = new FakeClock();
    const app = express().get('/', (_request, response) => void response.send('hello'));
    const certificate = new ServerCertificate(files, logger);
    const settings = { host: '127.0.0.1', port: 0, drainTimeoutMs: 1_000, certificate };
    const server = new HttpServer(app, settings, clock);
    await server.start();
    try {
      expect(await commonName(server.port)).to.equal('first');
      await write(second);
      expect(await commonName(server.port)).to.equal('first');
      await clock.advance(MINUTE_MS);
      expect(await commonName(server.port)).to.equal('second');
    } finally {
      await server.stop();
    }
  });

  /** Sends a request over a new connection, and returns the name in the server's certificate. */
  function commonName(port: number): Promise<string | string[] | undefined> {
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, ca: authority.cert, agent: false }, (response) => {
        const { subject } = (response.socket as TLSSocket).getPeerCertificate();
        response.resume().once('end', () => {
          resolve(subject.CN);
        });
      });
      request.once('error', reject);
    });
  }
});
