import {
  DependencyUnavailable,
  DocumentRejected,
  QueryTooSlow,
  RecordTooLarge,
  SendFailed,
} from '../../application/errors.js';

export interface ErrorDescription {
  readonly name: string;
  readonly code?: string | number;
  readonly message?: string;
  readonly stack?: readonly string[];
  readonly cause?: ErrorDescription;
}

const MAX_CAUSES = 4;
const MAX_FRAMES = 12;
const MAX_MESSAGE = 300;

/**
 * Describes an error for a log line without quoting a message. Many errors quote their input (JSON.parse, MongoDB's
 * duplicate keys, V8's TypeErrors), which can be the content of a message. So the text is kept only for errors about
 * connections and servers; all others are logged with name, code and stack frames.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name } = error;
  const code = codeOf(error);
  const known = { name, ...(code !== undefined && { code }), ...textOf(error) };
  if (error.cause === undefined || depth >= MAX_CAUSES) return known;
  return { ...known, cause: describeError(error.cause, depth + 1) };
}

function textOf(error: Error): Pick<ErrorDescription, 'message' | 'stack'> {
  if (isWrapper(error)) return {};
  return quotesNothing(error) ? { message: error.message.slice(0, MAX_MESSAGE) } : { stack: framesOf(error) };
}

/** These errors repeat the text of their cause, which is described separately. */
function isWrapper(error: Error): boolean {
  return (
    error instanceof DependencyUnavailable ||
    error instanceof DocumentRejected ||
    error instanceof QueryTooSlow ||
    error instanceof SendFailed
  );
}

const SAFE_NAMES =
  /^(KafkaJS(?!NonRetriableError)|Mongo(ose)?(Network|ServerSelection|ServerClosed|Topology|NotConnected|Pool|WaitQueue|Expired)|SettingsError$)/;

function quotesNothing(error: Error): boolean {
  const fromTheSystem = 'syscall' in error;
  const fromLmdb = error.message.startsWith('MDB_');
  return fromTheSystem || fromLmdb || error instanceof RecordTooLarge || SAFE_NAMES.test(error.name);
}

function codeOf(error: Error): string | number | undefined {
  const { codeName, code, type } = error as { codeName?: unknown; code?: unknown; type?: unknown };
  for (const candidate of [codeName, code, type]) {
    if (typeof candidate === 'string' || typeof candidate === 'number') return candidate;
  }
  return undefined;
}

/** The stack frames without the head, which repeats the message and may have several lines. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message) + message.length;
  const lines = stack.slice(start).split('\n');
  const frames = lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
  return frames.slice(0, MAX_FRAMES);
}
