import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Message } from '../../../domain/message.js';
import { dateText, isoTime } from '../server/responses/times.js';

/** A message in the form that GET /messages has had from the start. */
export function messageRow({ id, from, to, message, sentAt }: Message): object {
  return { _id: id, from, to, message, send_time: dateText(sentAt), __v: 0 };
}

/** A failed message in the form that GET /failed-messages has had from the start, followed by the newer members. */
export function failureRow(failure: FailedMessage): object {
  const { id, from, to, message, reason, failedAt, sentAt, encoding, state, code, disposition } = failure;
  return {
    _id: id,
    from,
    to,
    message,
    reason,
    failedAt: isoTime(failedAt),
    send_time: dateText(sentAt),
    __v: 0,
    state,
    code,
    disposition,
    encoding,
  };
}
