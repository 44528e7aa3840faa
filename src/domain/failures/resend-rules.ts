import { NeedsCorrection, NotCorrectable, NotReplayable } from './action-refused.js';
import { alteredMembers, type FailedMessage, type FailureState } from './failed-message.js';
import {
  checkMessage,
  InvalidMessage,
  type Field,
  type MessageContent,
  type RawMessage,
} from '../message-rules.js';

/** The changes of a correction, as received. */
export type Changes = Pick<RawMessage, 'to' | 'message'>;

/** The sender of a correction that replaces undecodable bytes. */
const UNKNOWN_SENDER = 'unknown';

/** Throws if the message would fail again as it is, or differs from what was sent. */
export function checkReplayable(failure: FailedMessage, messageMaxLength: number): void {
  const { state, truncated, encoding, code, disposition, reason } = failure;
  const altered = alteredMembers(failure);
  checkSender(state, altered);
  if (disposition === 'refused') throw new NeedsCorrection(state, `${reason}${mustName(altered)}`);
  if (truncated)
    throw new NotReplayable(state, 'Only a part of the message was kept. Correct or discard it.');
  if (encoding) throw new NotReplayable(state, 'The record is not a message. Correct or discard it.');
  if (code === 'idempotency-key-reused')
    throw new NotReplayable(state, 'The id belongs to another message. Correct or discard this one.');
  if (altered.length > 0) throw new NeedsCorrection(state, `${reason}${mustName(altered)}`);
  try {
    checkMessage(failure, messageMaxLength);
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    throw new NeedsCorrection(state, error.reason);
  }
}

/** Returns the content of the corrected message. Throws `InvalidMessage` if it breaks the rules or lacks a member. */
export function correctedContent(
  failure: FailedMessage,
  changes: Changes,
  messageMaxLength: number,
): MessageContent {
  const { from, to, message, state, encoding } = failure;
  const altered = alteredMembers(failure);
  checkSender(state, altered);
  // Undecodable bytes name no sender, and are not a text to send.
  const original: RawMessage = encoding ? { from: UNKNOWN_SENDER, to } : { from, to, message };
  // An altered member counts as missing, so the correction must include it.
  const missing = Object.fromEntries(altered.map((field) => [field, undefined]));
  try {
    return checkMessage({ ...original, ...missing, ...changes }, messageMaxLength);
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    const own = error.violations.find(({ field }) => field === 'from');
    if (own) throw new NotCorrectable(state, `The sender cannot be corrected: from: ${own.detail}`);
    throw error;
  }
}

function checkSender(state: FailureState, altered: readonly Field[]): void {
  if (!altered.includes('from')) return;
  const detail =
    'The sender was truncated or converted when the failure was recorded. It can only be discarded.';
  throw new NotCorrectable(state, detail);
}

function mustName(altered: readonly Field[]): string {
  return altered.length > 0 ? ` A correction must name ${altered.join(' and ')}.` : '';
}
