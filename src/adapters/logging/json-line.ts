import type { LogFields } from '../../application/ports/telemetry.js';
import { describeError } from './describe-error.js';

/** Formats one log line. */
export type LineFormat = (time: Date, level: string, event: string, fields?: LogFields) => string;

const RESERVED: ReadonlySet<string> = new Set(['time', 'level', 'event']);

/** Formats one log line without a line break. Never throws, whatever the fields are. */
export const jsonLine: LineFormat = (time, level, event, fields = {}) => {
  const head = `{"time":"${time.toISOString()}","level":"${level}","event":${JSON.stringify(event)}`;
  const rest: string[] = [];
  for (const name in fields) {
    if (RESERVED.has(name)) continue;
    const json = jsonOf(fields[name]);
    if (json !== undefined) rest.push(`,${JSON.stringify(name)}:${json}`);
  }
  return `${head}${rest.join('')}}`;
};

/** Returns undefined for a value that JSON leaves out. Never throws. */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value instanceof Error ? describeError(value) : value);
  } catch {
    return '"(not representable)"';
  }
}
