import { bytesOfBatch } from '../../adapters/http/server/bodies/body-limits.js';
import type { BackendName, Environment } from './environment.js';
import { SettingsError, type SettingsProblems } from './settings-error.js';

type Name = keyof Environment;

/** What a check depends on, and the check. Throws `SettingsError`. */
interface Check {
  readonly variables: readonly Name[];
  readonly check: (env: Environment) => void;
}

const CHECKS: readonly Check[] = [
  {
    variables: ['RECEIVER_CLIENTS'],
    check: ({ RECEIVER_CLIENTS: clients }) => {
      if (!clients.includes('*') || clients.length === 1) return;
      const problem = 'must be either * or a comma list of client names, not both';
      throw new SettingsError('RECEIVER_CLIENTS', `${problem}: "${clients.join(',')}"`);
    },
  },
  needs('TLS_CERT_FILE', 'TLS_KEY_FILE'),
  needs('TLS_KEY_FILE', 'TLS_CERT_FILE'),
  needsTls('KAFKA_SSL_CA'),
  needsTls('KAFKA_SSL_CERT'),
  needsTls('KAFKA_SSL_KEY'),
  needs('KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'),
  needs('KAFKA_SSL_KEY', 'KAFKA_SSL_CERT'),
  needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'),
  needs('KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'),
  needs('KAFKA_SASL_PASSWORD', 'KAFKA_SASL_MECHANISM'),
  {
    variables: ['BODY_MEMORY', 'MESSAGE_MAX_LENGTH'],
    check: ({ BODY_MEMORY: bytes, MESSAGE_MAX_LENGTH: maxLength }) => {
      const largest = bytesOfBatch(maxLength);
      if (bytes >= largest) return;
      const problem = `must be at least ${String(largest)}, the largest body in bytes`;
      throw new SettingsError('BODY_MEMORY', `${problem}, not "${String(bytes)}"`);
    },
  },
  needs('ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET'),
  needs('ALERT_WEBHOOK_SECRET', 'ALERT_WEBHOOK_URL'),
  {
    variables: ['KAFKA_TOPIC', 'KAFKA_DLQ_TOPIC'],
    check: ({ KAFKA_TOPIC: topic, KAFKA_DLQ_TOPIC: deadLetters }) => {
      if (topic !== deadLetters) return;
      throw new SettingsError('KAFKA_DLQ_TOPIC', `must differ from KAFKA_TOPIC, which is also "${topic}"`);
    },
  },
];

/** Collects values that are valid separately and contradict each other. `backend` is undefined if it is not known. */
export function checkContradictions(
  env: Environment,
  backend: BackendName | undefined,
  problems: SettingsProblems,
): void {
  problems.attempt(['ROLES'], () => {
    if (backend !== 'embedded' || env.ROLES.length === 2) return;
    const problem = 'must be api,receiver with the embedded back end, which is one process';
    throw new SettingsError('ROLES', `${problem}, not "${env.ROLES.join(',')}"`);
  });
  for (const { variables, check } of CHECKS) {
    problems.attempt(variables, () => {
      check(env);
    });
  }
}

function needsTls(name: Name): Check {
  return {
    variables: [name, 'KAFKA_SSL'],
    check: (env) => {
      if (env[name] !== undefined && !env.KAFKA_SSL) throw new SettingsError(name, 'needs KAFKA_SSL=true');
    },
  };
}

function needs(given: Name, needed: Name): Check {
  return {
    variables: [given, needed],
    check: (env) => {
      if (env[given] !== undefined && env[needed] === undefined)
        throw new SettingsError(needed, `is missing, while ${given} is set`);
    },
  };
}
