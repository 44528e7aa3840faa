import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
}

/** A new certificate authority, which signs certificates that are valid for two days. */
export class TestAuthority {
  private constructor(
    private readonly folder: string,
    readonly cert: string,
    private readonly file: string,
  ) {}

  static async create(folder: string): Promise<TestAuthority> {
    const file = join(folder, 'ca.pem');
    await openssl('-x509', '-subj', '/CN=test-ca', '-keyout', join(folder, 'ca.key'), '-out', file);
    return new TestAuthority(folder, await readFile(file, 'utf8'), file);
  }

  /** Signs a certificate for 127.0.0.1. */
  async sign(name: string): Promise<Certificate> {
    const [certFile, keyFile] = [join(this.folder, `${name}.crt`), join(this.folder, `${name}.key`)];
    const signer = ['-x509', '-CA', this.file, '-CAkey', join(this.folder, 'ca.key')];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const usage = ['-addext', 'basicConstraints=critical,CA:FALSE'];
    await openssl(...signer, ...subject, ...usage, '-keyout', keyFile, '-out', certFile);
    const [cert, key] = [await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8')];
    return { cert, key };
  }
}

async function openssl(...args: readonly string[]): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await run('openssl', ['req', ...key, ...args]);
}
