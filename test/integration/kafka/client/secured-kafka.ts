import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../scripts/stack/free-port.js';
import { newKafka } from '../../../../scripts/stack/servers.js';
import { TestAuthority, type Certificate } from '../../../support/tls/certificates.js';

export const USER = { username: 'alice', password: 'wonderland' };

export interface SecuredKafka {
  readonly ca: string;
  /** Without encryption or password; its user has all rights. */
  readonly plain: string;
  /** The client's own certificate, which the listener `tls` requires. */
  readonly client: Certificate;
  readonly tls: string;
  /** TLS, and PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 with `USER`. */
  readonly sasl: string;
  remove(): Promise<void>;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const MODULES = 'org.apache.kafka.common.security';

/**
 * Starts a broker with a plain listener for the tests themselves, one that requires certificates on both
 * sides, and one that requires passwords. Every user may use a topic until it has access rules.
 */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-certificates-'));
  const authority = await TestAuthority.create(folder);
  const [broker, client] = [await authority.sign('broker'), await authority.sign('client')];
  const [tls, sasl] = [await freePort(), await freePort()];
  const { username, password } = USER;
  const plainLogin = `${MODULES}.plain.PlainLoginModule required user_${username}="${password}";`;
  const scramLogin = `${MODULES}.scram.ScramLoginModule required;`;
  const kafka = await newKafka({
    secured: { SSL: tls, SASL_SSL: sasl },
    properties: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': broker.key,
      'ssl.keystore.certificate.chain': broker.cert,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': authority.cert,
      'listener.name.ssl.ssl.client.auth': 'required',
      'sasl.enabled.mechanisms': MECHANISMS.join(','),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'allow.everyone.if.no.acl.found': 'true',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': plainLogin,
      'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scramLogin,
      'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scramLogin,
    },
    formatArgs: MECHANISMS.slice(1).flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  });
  await kafka.start();
  const remove = async (): Promise<void> => {
    await kafka.remove();
    await rm(folder, { recursive: true, force: true });
  };
  const at = (port: number): string => `127.0.0.1:${port}`;
  return { ca: authority.cert, plain: kafka.address, client, tls: at(tls), sasl: at(sasl), remove };
}
