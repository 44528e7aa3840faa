export type DependencyName = 'log' | 'store';

/**
 * A driver failed for a reason that is nobody's message's fault: unreachable, not primary, timed out, no rights,
 * disk full. Thrown by adapters, with the driver's error as cause.
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

/** The store gave up a query that took too long. It works otherwise: this is no outage. */
export class QueryTooSlow extends Error {
  override readonly name = 'QueryTooSlow';

  constructor(cause: unknown) {
    super('The store gave up the query', { cause });
  }
}

/** The store refuses one document for what is in it (too large, say); it would do so for ever. */
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

/** `not-sent`: it will not arrive. `unknown`: it was on its way, and may. */
export type SendOutcome = 'not-sent' | 'unknown';

/** The log did not confirm a record in time, or had no room for it. */
export class SendFailed extends Error {
  override readonly name = 'SendFailed';

  constructor(
    readonly outcome: SendOutcome,
    cause: unknown,
  ) {
    super(`The log did not confirm the record (${outcome})`, { cause });
  }
}

/** The log refuses the record as too large. It was not written. */
export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge';
}
