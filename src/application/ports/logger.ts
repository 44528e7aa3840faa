export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes structured log lines for operators. Callers never pass message texts or client names. The field `error`
 * may be an Error.
 */
export interface Logger {
  isDebugEnabled(): boolean;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
