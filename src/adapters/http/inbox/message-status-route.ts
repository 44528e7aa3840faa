import type { MessageStatuses } from '../../../application/inbox/message-status.js';
import { ACTIONS } from '../../../domain/access/actions.js';
import type { MessageStatusReport } from '../../../domain/inbox/message-status.js';
import { isMessageId, type MessageId } from '../../../domain/message.js';
import { historyRow } from '../failures/failure-row.js';
import { HttpProblem } from '../server/problem.js';
import { isoTime } from '../server/responses/times.js';
import { route, type Route } from '../server/route.js';

/** The status and the history of one message. */
export function messageStatusRoute(statuses: Pick<MessageStatuses, 'of'>): Route {
  return route({
    method: 'GET',
    path: '/messages/:id',
    action: ACTIONS.readMessages,
    parse: ({ params }) => parseId(params.id),
    handle: async (id, response, view) => {
      const report = await statuses.of(id, view);
      if (report === undefined) throw notKnownYet();
      response.json(statusRow(report, view.acts));
    },
  });
}

function parseId(text: string): MessageId {
  if (!isMessageId(text)) throw notAnId();
  return text;
}

function statusRow(
  { sentAt, storedAt, status, events, encoding, ...report }: MessageStatusReport,
  acts: boolean,
): object {
  const { id, from, to, message, attempts, failures, replays, corrects, correctedBy, conflicts } = report;
  return {
    id,
    from,
    to,
    message,
    encoding,
    sentAt: isoTime(sentAt),
    status,
    storedAt: storedAt === undefined ? undefined : isoTime(storedAt),
    attempts,
    failures,
    replays,
    corrects,
    correctedBy,
    conflicts,
    events: events.map((event) => historyRow(event, acts)),
  };
}

function notAnId(): HttpProblem {
  const detail = 'There is no such message: an id is 24 lower-case hex digits.';
  return new HttpProblem({ status: 404, code: 'not-found', detail });
}

/**
 * An accepted message is in the log before the store has it, so it cannot be distinguished from an id that
 * was never used.
 */
function notKnownYet(): HttpProblem {
  const detail = 'Nothing is known of this message yet.';
  return new HttpProblem({ status: 404, code: 'not-known-yet', detail, headers: { 'retry-after': '1' } });
}
