/** What kafkajs's errors may carry. */
interface KafkaError extends Error {
  /** The broker's answer, by its name in the protocol. */
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** Answers for a whole topic: nothing of the request was written. */
const FORBIDDEN = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);

/** The first broker's answer in the chain of causes, else the error at its end: kafkajs wraps what it gives up on. */
export function rootCause(error: unknown): KafkaError {
  let cause: KafkaError = error instanceof Error ? error : new Error(String(error));
  for (let next = inner(cause); next && cause.type === undefined; next = inner(cause)) cause = next;
  return cause;
}

function inner(error: Error & { readonly errors?: unknown }): KafkaError | undefined {
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : error.cause;
  return first instanceof Error && first !== error ? first : undefined;
}

/** A short name for logs and health: the broker's answer, the system's code, or the error's class. */
export function errorKind(error: unknown): string {
  const { type, code, name } = rootCause(error);
  return type ?? (typeof code === 'string' ? code : name);
}

export function isTooLarge(error: unknown): boolean {
  return TOO_LARGE.has(rootCause(error).type ?? '');
}

export function isForbidden(error: unknown): boolean {
  return FORBIDDEN.has(rootCause(error).type ?? '');
}

/** Whether the same request may do better later. False for answers that stay the same, and for a refused log-in. */
export function canBeRetried(error: unknown): boolean {
  const { type, retriable, name } = rootCause(error);
  return type === undefined ? name !== 'KafkaJSSASLAuthenticationError' : retriable === true;
}

/** What kafkajs would restart a consumer after: its own idea of an error that time mends. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Error && error.name === 'KafkaJSNumberOfRetriesExceeded') return true;
  return rootCause(error).retriable === true;
}
