import { readKeyPair, type CertificateFiles } from '../../adapters/http/server/server-certificate.js';
import type { Environment } from './environment.js';
import { givenValue } from './given-value.js';
import { SettingsError } from './settings-error.js';

/** Reads the files once, so that a wrong one is reported with the other wrong variables. Throws `SettingsError`. */
export function tlsSettings({
  TLS_CERT_FILE: certFile,
  TLS_KEY_FILE: keyFile,
}: Environment): CertificateFiles | undefined {
  if (certFile === undefined || keyFile === undefined) return undefined;
  const [shownCert, shownKey] = [shown('TLS_CERT_FILE', certFile), shown('TLS_KEY_FILE', keyFile)];
  try {
    readKeyPair({ certFile, keyFile });
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'unknown error';
    throw new SettingsError(
      'TLS_CERT_FILE',
      `and TLS_KEY_FILE cannot be used: ${shownCert} and ${shownKey} (${problem})`,
    );
  }
  return { certFile, keyFile };
}

/** Throws if the value is not a path, so that a key that was pasted by mistake is never shown. */
function shown(variable: string, value: string): string {
  const path = givenValue(variable, value);
  if (path === undefined) throw new SettingsError(variable, 'must be the path of a PEM file');
  return path;
}
