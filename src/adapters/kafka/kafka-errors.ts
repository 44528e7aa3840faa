/** The fields that kafkajs's errors may have. */
interface KafkaError extends Error {
  /** The protocol's name of the broker's error code. */
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  /** `host:port`, in errors about connections. */
  readonly broker?: unknown;
}

const CONNECTION_ERRORS = /^KafkaJS(?:Connection(?:Closed)?|RequestTimeout)Error$/;
const SYSTEM_ERROR = /^E[A-Z_]+$/;

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** Errors for a whole topic: the broker wrote no part of the request. */
const FORBIDDEN = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);

/**
 * Returns the first error in the chain of causes that a broker reported, or else the last error of the chain. kafkajs
 * wraps the error after its last retry.
 */
export function rootCause(error: unknown): KafkaError {
  let cause: KafkaError = error instanceof Error ? error : new Error(String(error));
  for (let next = inner(cause); next && cause.type === undefined; next = inner(cause)) cause = next;
  return cause;
}

function inner(error: Error & { readonly errors?: unknown }): KafkaError | undefined {
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : error.cause;
  return first instanceof Error && first !== error ? first : undefined;
}

/** Returns a short name for logs and health: the broker's error code, the system's error code, or the error's class. */
export function errorKind(error: unknown): string {
  const { type, code, name } = rootCause(error);
  return type ?? (typeof code === 'string' ? code : name);
}

/** Returns the address of the broker that the error is about, if kafkajs names it. */
export function brokerOf(error: unknown): string | undefined {
  const { broker } = rootCause(error);
  return typeof broker === 'string' ? broker : undefined;
}

/** Reports whether a broker could not be reached or did not answer. */
export function isLostConnection(error: unknown): boolean {
  const { name, code } = rootCause(error);
  return CONNECTION_ERRORS.test(name) || (typeof code === 'string' && SYSTEM_ERROR.test(code));
}

export function isTooLarge(error: unknown): boolean {
  return TOO_LARGE.has(rootCause(error).type ?? '');
}

export function isForbidden(error: unknown): boolean {
  return FORBIDDEN.has(rootCause(error).type ?? '');
}

/** Reports whether the same request may succeed later. False for permanent broker errors and for a failed login. */
export function canBeRetried(error: unknown): boolean {
  const { type, retriable, name } = rootCause(error);
  return type === undefined ? name !== 'KafkaJSSASLAuthenticationError' : retriable === true;
}

/** Reports whether kafkajs considers the error transient, and would restart a consumer after it. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Error && error.name === 'KafkaJSNumberOfRetriesExceeded') return true;
  return rootCause(error).retriable === true;
}
