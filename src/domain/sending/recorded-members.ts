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

/**
 * The members of an invalid send as its dead letter records them, and the names of those that differ from what was
 * sent.
 */
export interface RecordedMembers {
  readonly members: MessageContent;
  readonly altered: readonly Field[];
}

/**
 * Prepares the members of an invalid send for its dead letter. Members that broke no rule are sanitized, as for a
 * delivery. The others are converted to text (`''` if absent), without lone surrogates, which stores would replace,
 * and truncated to their limit.
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
      : sanitizeText(raw[field] as string); // Only strings pass the rules.
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
    // Too deeply nested for the stack.
    return '';
  }
}

/** Truncates to at most `maxLength` code points. */
function truncate(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : [...text.slice(0, 2 * maxLength)].slice(0, maxLength).join('');
}
