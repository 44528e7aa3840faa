import { mongo } from 'mongoose';
import { DependencyUnavailable, DocumentRejected } from '../../../application/errors.js';

/** Codes of errors that the document itself causes: the server would reject it every time. */
const REJECTED_CODES = new Map([
  [10334, 'document-too-large'], // BSONObjectTooLarge
  [17419, 'document-too-large'], // the result of an update
  [17420, 'document-too-large'], // the same, from another code path
  [22, 'document-invalid'], // InvalidBSON
  [121, 'document-invalid'], // DocumentValidationFailure: an operator's validator on the collection
]);

/** Codes of errors that no document causes. See mongo/src/mongo/base/error_codes.yml. */
const UNAVAILABLE_CODES = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  11, // UserNotFound
  13, // Unauthorized
  18, // AuthenticationFailed
  24, // LockTimeout
  39, // FileOpenFailed
  43, // CursorNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  74, // NodeNotFound
  79, // UnknownReplWriteConcern
  89, // NetworkTimeout
  91, // ShutdownInProgress
  94, // NotYetInitialized
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict, after all repeats
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  136, // CappedPositionLost
  146, // ExceededMemoryLimit
  175, // QueryPlanKilled
  187, // LinearizableReadConcernError: no majority confirmed the read
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  211, // KeyNotFound: cluster time keys are not there yet
  225, // TransactionTooOld
  237, // CursorKilled
  239, // SnapshotTooOld
  244, // TransactionAborted
  246, // SnapshotUnavailable
  251, // NoSuchTransaction, after all repeats
  262, // ExceededTimeLimit
  317, // ConnectionPoolExpired
  357, // TransactionTooLargeForCache
  364, // a quota of the connection pool
  365, // TemporarilyUnavailable
  371, // UserWritesBlocked
  384, // ConnectionError
  391, // ReauthenticationRequired
  462, // IngressRequestRateLimitExceeded
  8000, // AtlasError: mostly a quota
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
]);

const UNAVAILABLE_CLASSES = [
  mongo.MongoNetworkError,
  mongo.MongoServerSelectionError,
  mongo.MongoWriteConcernError,
  mongo.MongoNotConnectedError,
  mongo.MongoTopologyClosedError,
  mongo.MongoClientClosedError,
  mongo.MongoServerClosedError,
  mongo.MongoExpiredSessionError,
  mongo.MongoOperationTimeoutError,
  mongo.MongoStalePrimaryError,
  // The driver throws it, for example, if a connection closes before the response.
  mongo.MongoUnexpectedServerResponseError,
];

/**
 * Errors whose classes the driver does not export: too many callers wait for a silent server, or the pool is
 * closed.
 */
const UNAVAILABLE_NAMES = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError']);

/** Texts of the errors, without a code, with which the driver itself rejects a document above the server's limit. */
const TOO_LARGE_FOR_DRIVER = /larger than the maximum size|out of (?:range|bounds)/i;

/**
 * Returns the error that `bulkWrite` and `insertMany` wrap in a `MongoBulkWriteError`, whatever its class; any other
 * error as it is. The wrapper keeps the code of a server's error, but neither the class nor the name of the driver's
 * own errors: lost connections, no server found, no connection free.
 */
export function originalError(error: unknown): unknown {
  if (!(error instanceof mongo.MongoBulkWriteError)) return error;
  const { errorResponse, cause } = error;
  return [errorResponse, cause].find((inner) => inner instanceof Error) ?? error;
}

/** Converts a driver's error to the error that the ports document. Returns an unknown error as it is. */
export function portError(thrown: unknown): unknown {
  if (thrown instanceof DependencyUnavailable || thrown instanceof DocumentRejected) return thrown;
  const error = originalError(thrown);
  const rejection = rejectionOf(error);
  if (rejection !== undefined) return new DocumentRejected(rejection, error);
  return isUnavailable(error) ? new DependencyUnavailable('store', error) : thrown;
}

/**
 * Reports whether the transaction should be repeated at once: another transaction was faster, or a server went
 * away.
 */
export function isTransient(thrown: unknown): boolean {
  const error = originalError(thrown);
  if (!(error instanceof mongo.MongoError)) return false;
  // No server was found within the selection timeout. That is an outage, and a repeat would wait as long again.
  if (error instanceof mongo.MongoServerSelectionError) return false;
  return (
    error.hasErrorLabel('TransientTransactionError') ||
    error.hasErrorLabel('UnknownTransactionCommitResult') ||
    isConflict(error)
  );
}

/** Reports whether another transaction wrote the same key first, or a conflict has aborted this one. */
function isConflict({ code }: mongo.MongoError): boolean {
  return code === 11000 || code === 112 || code === 251;
}

/** Returns the kind of an error for logs and readiness, never its text, which may quote a document. */
export function errorKind(error: unknown): string {
  const cause = originalError(error instanceof DependencyUnavailable ? error.cause : error);
  if (cause instanceof mongo.MongoServerError && typeof cause.codeName === 'string') return cause.codeName;
  if (cause instanceof mongo.MongoServerError && cause.code !== undefined)
    return `code ${String(cause.code)}`;
  return cause instanceof Error ? cause.name : typeof cause;
}

/** Returns the system's code of a failed connection, such as ECONNREFUSED, which the driver wraps; undefined if there is none. */
export function systemCode(error: unknown): string | undefined {
  let code: unknown;
  for (let next = error; next instanceof Error; next = next.cause)
    ({ code } = next as { readonly code?: unknown });
  return typeof code === 'string' ? code : undefined;
}

function rejectionOf(error: unknown): string | undefined {
  if (error instanceof mongo.MongoServerError) return REJECTED_CODES.get(Number(error.code));
  const encoding = error instanceof mongo.MongoInvalidArgumentError || error instanceof RangeError;
  return encoding && TOO_LARGE_FOR_DRIVER.test(error.message) ? 'document-too-large' : undefined;
}

function isUnavailable(error: unknown): boolean {
  if (UNAVAILABLE_CLASSES.some((type) => error instanceof type)) return true;
  if (!(error instanceof mongo.MongoError)) return false;
  if (UNAVAILABLE_CODES.has(Number(error.code)) || UNAVAILABLE_NAMES.has(error.name)) return true;
  return error.code !== 11000 && isTransient(error);
}
