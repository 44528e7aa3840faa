import type { LogFields } from '../../application/ports/telemetry.js';
import { describeError, type ErrorDescription } from './describe-error.js';
import { jsonOf, type LineFormat } from './json-line.js';

const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const BOLD = 1;
const DIM = 2;
const COLOURS: Readonly<Record<string, number>> = { error: RED, warn: YELLOW, info: GREEN, debug: DIM };
const LEVEL_WIDTH = 5;
/** Strings of these characters need no quotes. */
const PLAIN = /^[\w.:@/,+*~-]+$/;
/** JSON escapes the other control characters. These, too, may change what a terminal shows. */
const CONTROLS = /[\u007f-\u009f]/g;
const INDENT = ' '.repeat(4);

type Paint = (code: number, text: string) => string;

/**
 * Returns a format for people at a terminal: local time, level, the field `text` or else the event, the other fields as
 * `name=value`, and the stack frames of an error on lines of their own. Never throws, whatever the fields are.
 */
export function prettyLine(hasColours: boolean): LineFormat {
  const paint: Paint = (code, text) => (hasColours ? `\u001b[${String(code)}m${text}\u001b[0m` : text);
  return (time, level, event, fields = {}) => {
    const { text, ...others } = fields;
    const head = [
      paint(DIM, time.toTimeString().slice(0, 8)),
      paint(COLOURS[level] ?? 0, level.toUpperCase().padEnd(LEVEL_WIDTH)),
      ...(typeof text === 'string' ? [paint(BOLD, escaped(text)), paint(DIM, event)] : [paint(BOLD, event)]),
    ];
    const frames: string[] = [];
    const rest = pairs(others, paint, frames);
    const lines = [[...head, ...rest].join(' '), ...frames.map((frame) => paint(DIM, `${INDENT}${frame}`))];
    return lines.join('\n');
  };
}

function pairs(fields: LogFields, paint: Paint, frames: string[]): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const shown = value instanceof Error ? inWords(describeError(value), frames) : valueText(value);
    return [`${paint(DIM, `${escaped(name)}=`)}${shown}`];
  });
}

/** The names, codes and texts of an error and its causes. Adds their stack frames to `frames`. */
function inWords({ name, code, message, stack = [], cause }: ErrorDescription, frames: string[]): string {
  frames.push(...stack);
  const own = [name, code, message && escaped(message)].filter((part) => part !== undefined).join(' ');
  return cause === undefined ? own : `${own}, caused by ${inWords(cause, frames)}`;
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  return withoutControls(jsonOf(value) ?? typeof value);
}

function escaped(text: string): string {
  return withoutControls(
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(String.raw`\"`, '"'),
  );
}

function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
