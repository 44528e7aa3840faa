import joi from 'joi';
import { HttpProblem } from './problem.js';

/** The raw query parameters of a request; a repeated one is an array. */
export type RawQuery = Readonly<Record<string, unknown>>;

const LIMIT_MAX = 1_000;
// The offset is required: a time of day without one is ambiguous.
const ISO_TIME =
  /^(?<date>\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;
const options = { abortEarly: false, messages: { 'object.unknown': 'is not a parameter of this list' } };

/** Schema of a parameter whose every violation has the same message. `read` returns undefined for an invalid text. */
export function parameter(must: string, read: (text: string) => unknown): joi.Schema {
  return joi
    .string()
    .custom((text: string) => {
      const value = read(text);
      if (value === undefined) throw new Error(must);
      return value;
    })
    .messages({ '*': `must be ${must}, given once` });
}

export const limit = parameter(`a whole number from 1 to ${String(LIMIT_MAX)}`, parseLimit);

/** Validates query parameters against the schema. Throws a 400 that lists every violation with its parameter. */
export function validated<T>(schema: joi.ObjectSchema<T>, raw: RawQuery): T {
  const result = schema.validate(raw, options);
  if (result.error === undefined) return result.value;
  const errors = result.error.details.map(({ path, message }) => ({
    parameter: String(path[0]),
    detail: message,
  }));
  const detail = `${errors.map((error) => `${error.parameter} ${error.detail}`).join('; ')}.`;
  throw new HttpProblem({ status: 400, code: 'invalid-parameter', detail, errors });
}

function parseLimit(text: string): number | undefined {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LIMIT_MAX ? limit : undefined;
}

/** Parses a date, or a time with its offset (RFC 3339, where the seconds may be left out). */
export function parseTime(text: string): number | undefined {
  const date = ISO_TIME.exec(text)?.groups?.['date'];
  if (date === undefined || !exists(date)) return undefined;
  const time = Date.parse(text.toUpperCase());
  return Number.isNaN(time) ? undefined : time;
}

/** `Date.parse` reads February 30 as March 2. */
function exists(date: string): boolean {
  const time = Date.parse(date);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** Reports whether the text has at most this many code points, which is how JSON Schema counts. */
export function hasAtMost(text: string, codePoints: number): boolean {
  return text.length <= codePoints || [...text].length <= codePoints;
}
