import {
  CLIENT_NAME_MAX_LENGTH,
  FIELDS,
  replaceLoneSurrogates,
  sanitizeText,
  type Field,
  type InvalidMessage,
  type MessageContent,
  type RawMessage,
} from '../message-rules.js';

/** The members of an invalid send as its dead letter has them, and which of those are not what was sent. */
export interface RecordedMembers {
  readonly members: MessageContent;
  readonly altered: readonly Field[];
}

/**
 * Members that broke no rule are sanitized, as if they were delivered. The others are recorded as text, without lone
 * surrogates (stores replace them) and cut to their limit; `''` where there is none.
 */
export function recordMembers(
  raw: RawMessage,
  { violations }: InvalidMessage,
  messageMaxLength: number,
): RecordedMembers {
  const isBroken = (field: Field): boolean => violations.some((violation) => violation.field === field);
  const record = (field: Field, maxLength: number): string =>
    isBroken(field)
      ? truncate(replaceLoneSurrogates(asText(raw[field])), maxLength)
      : sanitizeText(raw[field] as string); // The rules let only strings through.
  const members = {
    from: record('from', CLIENT_NAME_MAX_LENGTH),
    to: record('to', CLIENT_NAME_MAX_LENGTH),
    message: record('message', messageMaxLength),
  };
  const altered = FIELDS.filter((field) => isBroken(field) && members[field] !== (raw[field] ?? ''));
  return { members, altered };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack.
    return '';
  }
}

/** At most `maxLength` code points. */
function truncate(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : [...text.slice(0, 2 * maxLength)].slice(0, maxLength).join('');
}
