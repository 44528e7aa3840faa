import joi from 'joi';
import { HttpProblem } from '../problem.js';
import { hasAtMost } from '../query-parameters.js';
import type { JsonObject } from './request-bodies.js';

const options = { abortEarly: false, convert: false, errors: { wrap: { label: false } } } as const;

/** Schema of a text with at most this many code points. */
export function textUpTo(codePoints: number): joi.StringSchema {
  return joi
    .string()
    .custom((text: string) => {
      if (!hasAtMost(text, codePoints)) throw new Error('too long');
      return text;
    })
    .messages({ 'any.custom': `{{#label}} must have at most ${String(codePoints)} characters` });
}

/** Validates a body against the schema. Throws a 400 that lists every violation with its JSON pointer. */
export function checkedBody<T>(schema: joi.ObjectSchema<T>, body: JsonObject): T {
  const result = schema.validate(body, options);
  if (result.error === undefined) return result.value;
  const errors = result.error.details.map(({ path, message }) => ({
    pointer: `#/${path.map(String).join('/')}`,
    detail: message,
  }));
  const detail = `${errors.map((error) => error.detail).join('; ')}.`;
  throw new HttpProblem({ status: 400, code: 'malformed-body', detail, errors });
}
