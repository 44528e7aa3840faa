import type { LogFields } from '../../application/ports/telemetry.js';
import { describeError } from './describe-error.js';

const RESERVED: ReadonlySet<string> = new Set(['time', 'level', 'event']);

/** Formats one log line without a line break. Never throws, whatever the fields are. */
export function jsonLine(time: Date, level: string, event: string, fields: LogFields = {}): string {
  const head = `{"time":"${time.toISOString()}","level":"${level}","event":${JSON.stringify(event)}`;
  const rest: string[] = [];
  for (const name in fields) {
    if (RESERVED.has(name)) continue;
    const json = jsonOf(fields[name]);
    if (json !== undefined) rest.push(`,${JSON.stringify(name)}:${json}`);
  }
  return `${head}${rest.join('')}}`;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value instanceof Error ? describeError(value) : value);
  } catch {
    return '"(not representable)"';
  }
}
