import type { Identities } from '../identity.js';

/** What failures with the same cause have in common. `reason` is the normalised text that operators see. */
export interface FailureGroup {
  readonly key: string;
  readonly reason: string;
}

/** The members of a dead letter that determine its group. */
interface Circumstances {
  readonly code: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
}

const UUID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
// Hex digits with at least one digit and one letter, or at least as many as an id has.
const HEX_ID = /\b(?:(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}|[0-9a-f]{24,})\b/gi;
const QUOTED = /"[^"]*"|'[^']*'/g;
const NAME_WITH_AT = /[\w.+-]+@[\w.-]+/g;
const NUMBER = /\d+(?:[.,]\d+)*/g;
// Terms whose digits are part of their names. Add any: they change what operators see, never a group's key.
const TERM =
  /\b(?:utf-?(?:8|16|32)|base(?:32|64)|sha-?(?:1|256|384|512)|md5|ipv[46]|http\/(?:1\.[01]|2|3)|e11000)(?!\w|[.,]\d)/;
const TERM_OR_NUMBER = new RegExp(`(${TERM.source})|${NUMBER.source}`, 'gi');
const SPECIAL = /[.*+?^${}()|[\]\\]/g;
const REASON_MAX_LENGTH = 300;

/**
 * Replaces the parts of a reason that differ between messages: ids, numbers and names. Idempotent except for names.
 * Group keys are derived from the result. With any other result, a recorded group would count as new and alert again.
 */
export function normaliseReason(reason: string, names: readonly string[]): string {
  return withoutNumbers(withoutIds(reason, names));
}

export function groupOf({ code, reason, from, to }: Circumstances, identities: Identities): FailureGroup {
  const text = withoutIds(reason, [from, to]);
  return { key: identities.ofGroup(code, withoutNumbers(text)), reason: readable(text) };
}

function withoutNumbers(text: string): string {
  return shortened(text.replace(NUMBER, '<n>'));
}

/** Keeps the numbers in terms such as UTF-8. */
function readable(text: string): string {
  return shortened(text.replace(TERM_OR_NUMBER, (_, term?: string) => term ?? '<n>'));
}

function shortened(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, REASON_MAX_LENGTH);
}

function withoutIds(reason: string, names: readonly string[]): string {
  return withoutNames(reason, names)
    .replace(QUOTED, '<name>')
    .replace(NAME_WITH_AT, '<name>')
    .replace(UUID, '<id>')
    .replace(HEX_ID, '<id>');
}

/** Replaces the message's sender and recipient where they occur as whole words. */
function withoutNames(reason: string, names: readonly string[]): string {
  let text = reason;
  for (const name of names) {
    if (name === '' || !text.includes(name)) continue;
    const pattern = new RegExp(`(?<![\\w.:@-])${name.replace(SPECIAL, '\\$&')}(?![\\w:@-])`, 'g');
    text = text.replace(pattern, '<name>');
  }
  return text;
}
