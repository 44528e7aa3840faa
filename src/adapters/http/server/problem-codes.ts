import type { Denied } from '../../../domain/access/decision.js';

/** Every code of a problem that the API answers with. Codes are stable: clients may rely on them. */
export const PROBLEM_CODES = [
  'invalid-message',
  'malformed-message',
  'malformed-body',
  'malformed-idempotency-key',
  'malformed-url',
  'invalid-parameter',
  'malformed-cursor',
  'cursor-ahead',
  'not-found',
  'not-known-yet',
  'method-not-allowed',
  'body-too-large',
  'body-timeout',
  'body-memory-full',
  'message-too-large',
  'unsupported-media-type',
  'idempotency-key-reused',
  'dead-lettered',
  'unknown-failure',
  'unknown-replay',
  'wrong-state',
  'needs-correction',
  'not-replayable',
  'not-correctable',
  'not-taken-over',
  'too-many-replays',
  'internal-error',
  'log-unavailable',
  'store-unavailable',
  'query-too-slow',
] as const;

/** The codes of denied access are not in the list yet, because every caller may do everything. */
export type ProblemCode = (typeof PROBLEM_CODES)[number] | Denied['code'];
