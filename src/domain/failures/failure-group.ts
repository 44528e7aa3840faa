import type { Identities } from '../identity.js';

/** What failures have in common that are one problem; `reason` is normalised. */
export interface FailureGroup {
  readonly key: string;
  readonly reason: string;
}

/** What of a dead letter says which problem it is. */
interface Circumstances {
  readonly code: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
}

const UUID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
// A run of hex digits that has at least one digit and one letter, or is as long as an id.
const HEX_ID = /\b(?:(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}|[0-9a-f]{24,})\b/gi;
const QUOTED = /"[^"]*"|'[^']*'/g;
const NAME_WITH_AT = /[\w.+-]+@[\w.-]+/g;
const NUMBER = /\d+(?:[.,]\d+)*/g;
const SPECIAL = /[.*+?^${}()|[\]\\]/g;
const REASON_MAX_LENGTH = 300;

/** Takes out of a reason what differs from message to message: ids, numbers, names. Idempotent but for names. */
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

/** The message's own names, where they stand as words of their own. */
function withoutNames(reason: string, names: readonly string[]): string {
  let text = reason;
  for (const name of names) {
    if (name === '' || !text.includes(name)) continue;
    const pattern = new RegExp(`(?<![\\w.:@-])${name.replace(SPECIAL, '\\$&')}(?![\\w:@-])`, 'g');
    text = text.replace(pattern, '<name>');
  }
  return text;
}
