import type { Identities } from '../identity.js';

/** What failures with the same cause have in common. `reason` is normalised. */
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
const SPECIAL = /[.*+?^${}()|[\]\\]/g;
const REASON_MAX_LENGTH = 300;

/** Replaces the parts of a reason that differ between messages: ids, numbers and names. Idempotent except for names. */
export function normaliseReason(reason: string, names: readonly string[]): string {
  const normal = withoutNames(reason, names)
    .replace(QUOTED, '<name>')
    .replace(NAME_WITH_AT, '<name>')
    .replace(UUID, '<id>')
    .replace(HEX_ID, '<id>')
    .replace(NUMBER, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
  return normal.slice(0, REASON_MAX_LENGTH);
}

export function groupOf({ code, reason, from, to }: Circumstances, identities: Identities): FailureGroup {
  const normal = normaliseReason(reason, [from, to]);
  return { key: identities.ofGroup(code, normal), reason: normal };
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
