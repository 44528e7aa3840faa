import { mongoAddress } from '../../adapters/mongodb/client/mongo-address.js';

const SECRETS: ReadonlySet<string> = new Set(['ALERT_WEBHOOK_SECRET', 'KAFKA_SASL_PASSWORD']);
const PEM: ReadonlySet<string> = new Set([
  'KAFKA_SSL_CA',
  'KAFKA_SSL_CERT',
  'KAFKA_SSL_KEY',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
]);
/** A PEM text without its first line is base64, which has no dot and does not begin with a slash. */
const PATH = /^(?:[./~]|[^\n]*\.)[^\n]{0,255}$/;
const MAX_LENGTH = 100;

/** Returns a variable's value for an error message, in quotes and without secrets; undefined if it may be a secret. */
export function givenValue(variable: string, value: string): string | undefined {
  const shown = withoutSecrets(variable, value);
  if (shown === undefined) return undefined;
  return JSON.stringify(shown.length > MAX_LENGTH ? `${shown.slice(0, MAX_LENGTH)}…` : shown);
}

function withoutSecrets(variable: string, value: string): string | undefined {
  if (SECRETS.has(variable)) return undefined;
  if (variable === 'MONGODB_URI') return mongoAddress(value);
  if (variable === 'ALERT_WEBHOOK_URL') return siteOf(value);
  if (PEM.has(variable)) return PATH.test(value) ? value : undefined;
  const at = value.lastIndexOf('@');
  return at < 0 ? value : `***${value.slice(at)}`;
}

/** The scheme and the host of a URL. The path of a webhook is often a secret. */
function siteOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return host === '' ? undefined : `${protocol}//${host}/***`;
}
