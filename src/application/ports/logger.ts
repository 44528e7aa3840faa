export type LogFields = Readonly<Record<string, unknown>>;

/** Structured lines for operators. Never message text, never client names. `error` in the fields may be an Error. */
export interface Logger {
  isDebugEnabled(): boolean;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
