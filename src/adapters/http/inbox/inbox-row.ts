import type { StoredMessage } from '../../../domain/message.js';
import { cursorOf } from './inbox-request.js';
import { isoTime } from '../server/responses/times.js';

/** A message in its recipient's inbox, in the same form for pages and streams. */
export function inboxRow({ id, from, message, sentAt, number }: StoredMessage): object {
  return { id, from, message, sentAt: isoTime(sentAt), cursor: cursorOf(number) };
}
