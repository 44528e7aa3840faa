import joi from 'joi';
import { HttpProblem } from './problem.js';

/** The raw query parameters of a request; a repeated one is an array. */
export type RawQuery = Readonly<Record<string, unknown>>;

const LIMIT_MAX = 1_000;
// The offset is required: a time of day without one is ambiguous.
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;
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

export function parseTime(text: string): number | undefined {
  const time = ISO_TIME.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
