import { jsonLine, type LineFormat } from '../../adapters/logging/json-line.js';
import { prettyLine } from '../../adapters/logging/pretty-line.js';
import type { LogFormat } from '../settings/environment.js';

/** The part of `process.stdout` and `process.stderr` that the choice depends on. */
export interface Output {
  readonly isTTY?: boolean;
  /** Considers `NO_COLOR`, `FORCE_COLOR` and `TERM`. Absent if the output is no terminal. */
  hasColors?(): boolean;
}

/**
 * Returns the chosen format. Without a choice, it is readable if standard output and standard error, which gets the log
 * lines, are both a terminal; otherwise JSON.
 */
export function lineFormat(format: LogFormat | undefined, stdout: Output, stderr: Output): LineFormat {
  const onTerminal = stdout.isTTY === true && stderr.isTTY === true;
  if (format === 'json' || (format === undefined && !onTerminal)) return jsonLine;
  return prettyLine(stderr.hasColors?.() === true);
}
