import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Logger } from '../../../application/ports/telemetry.js';

export interface CertificateFiles {
  /** The path of the certificate chain, as PEM. */
  readonly certFile: string;
  /** The path of its private key, as PEM. */
  readonly keyFile: string;
}

/** PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Throws if a file cannot be read or is not PEM, or if the key does not belong to the certificate. */
export function readKeyPair({ certFile, keyFile }: CertificateFiles): KeyPair {
  const pair = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  createSecureContext(pair);
  return pair;
}

/** The certificate of the HTTP server, which is read again when its files change. */
export class ServerCertificate {
  private pair: KeyPair;
  private problem: string | undefined;

  /** Throws like `readKeyPair`. */
  constructor(
    private readonly files: CertificateFiles,
    private readonly logger: Logger,
  ) {
    this.pair = readKeyPair(files);
  }

  get current(): KeyPair {
    return this.pair;
  }

  /**
   * Returns the new pair if the files have changed. Keeps the current certificate and key while the files cannot be used,
   * for example while only one of the two has been replaced.
   */
  renewed(): KeyPair | undefined {
    try {
      const pair = readKeyPair(this.files);
      this.problem = undefined;
      if (pair.cert === this.pair.cert && pair.key === this.pair.key) return undefined;
      this.pair = pair;
    } catch (error) {
      this.rejected(error);
      return undefined;
    }
    this.logger.info('http.certificate-renewed', {
      validTo: new X509Certificate(this.pair.cert).validTo,
    });
    return this.pair;
  }

  private rejected(error: unknown): void {
    const problem = error instanceof Error ? error.message : 'unknown error';
    if (problem === this.problem) return;
    this.problem = problem;
    this.logger.warn('http.certificate-not-usable', { problem });
  }
}
