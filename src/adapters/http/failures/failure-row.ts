import { alteredMembers, type FailedMessage } from '../../../domain/failures/failed-message.js';
import { isoTime } from '../server/responses/times.js';

/** Everything known about one failed message, except its raw bytes. */
export function failureDetail(failure: FailedMessage): object {
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
    origin,
    replays,
    truncated,
    altered: altered.length > 0 ? altered : undefined,
    conflictsWith,
    corrects,
    correctedBy: correction?.id,
    history: history.map(({ at, ...event }) => ({ at: isoTime(at), ...event })),
  };
}
