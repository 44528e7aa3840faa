export type DependencyName = 'log' | 'store';

/**
 * A dependency failed; no message caused it: unreachable, not primary, timed out, no rights, disk full. Adapters
 * throw it, with the driver's error as cause.
 */
export class DependencyUnavailable extends Error {
  override readonly name = 'DependencyUnavailable';

  constructor(
    readonly dependency: DependencyName,
    cause: unknown,
  ) {
    super(`The ${dependency} is unavailable: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The store aborted a query that took too long. This is not an outage. */
export class QueryTooSlow extends Error {
  override readonly name = 'QueryTooSlow';

  constructor(cause: unknown) {
    super('The store gave up the query because it took too long', { cause });
  }
}

/** The store rejects a document for its content (for example, its size), and would reject it again. */
export class DocumentRejected extends Error {
  override readonly name = 'DocumentRejected';

  constructor(
    /** Stable, kebab-case. */
    readonly code: string,
    cause: unknown,
  ) {
    super(`The store refuses the document: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

export function isDocumentTooLarge(error: unknown): boolean {
  return error instanceof DocumentRejected && error.code === 'document-too-large';
}

/** `not-sent`: the record is not in the log. `unknown`: it was in flight and may be. */
export type SendOutcome = 'not-sent' | 'unknown';

/** The log did not confirm a record in time, or the queue had no room for it. */
export class SendFailed extends Error {
  override readonly name = 'SendFailed';

  constructor(
    readonly outcome: SendOutcome,
    cause: unknown,
  ) {
    super(`The log did not confirm the record (${outcome})`, { cause });
  }
}

/** The log rejects the record as too large and has not written it. */
export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge';
}
