import {
  alteredMembers,
  type FailedMessage,
  type HistoryEvent,
} from '../../../domain/failures/failed-message.js';
import { isoTime } from '../server/responses/times.js';

/**
 * Everything known about one failed message, except its raw bytes, and without `acts` also except who acted on it and
 * where it came from.
 */
export function failureDetail(failure: FailedMessage, acts: boolean): object {
  const { id, from, to, message, encoding, sentAt, state, resolution, code, reason, group } = failure;
  const { disposition, attempts, failures, firstFailedAt, failedAt, origin, replays } = failure;
  const { truncated, conflictsWith, corrects, correction, history } = failure;
  const altered = alteredMembers(failure);
  return {
    id,
    from,
    to,
    message,
    encoding,
    sentAt: isoTime(sentAt),
    state,
    resolution,
    code,
    reason,
    group: group.key,
    disposition,
    attempts,
    failures,
    firstFailedAt: isoTime(firstFailedAt),
    failedAt: isoTime(failedAt),
    origin: acts ? origin : undefined,
    replays,
    truncated,
    altered: altered.length > 0 ? altered : undefined,
    conflictsWith,
    corrects,
    correctedBy: correction?.id,
    history: history.map((event) => historyRow(event, acts)),
  };
}

export function historyRow({ at, event, by, note }: HistoryEvent, acts: boolean): object {
  return { at: isoTime(at), event, ...(acts && { by, note }) };
}
