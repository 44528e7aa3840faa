import type { StoredMessage } from '../../../domain/message.js';
import { cursorOf } from './inbox-request.js';
import { isoTime } from '../server/responses/times.js';

/** A message as its recipient sees it, in pages and streams alike. */
export function inboxRow({ id, from, message, sentAt, number }: StoredMessage): object {
  return { id, from, message, sentAt: isoTime(sentAt), cursor: cursorOf(number) };
}
