import joi from 'joi';
import type { Request, Response } from 'express';
import type { CachedGroups } from '../../../application/failures/cached-groups.js';
import { UnknownFailure, type FailureActions } from '../../../application/failures/failure-actions.js';
import type { Archive } from '../../../application/ports/archive.js';
import type { GroupSummary } from '../../../application/ports/failures.js';
import { ACTIONS } from '../../../domain/access/actions.js';
import { sees } from '../../../domain/access/grants.js';
import type { Changes } from '../../../domain/failures/resend-rules.js';
import { isMessageId, type MessageId } from '../../../domain/message.js';
import { bytesOfMessage } from '../server/bodies/body-limits.js';
import { checkedBody, textUpTo } from '../server/bodies/body-schema.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { isoTime } from '../server/responses/times.js';
import { parseNothing, route, type Route } from '../server/route.js';
import { failureDetail } from './failure-row.js';
import { operatorOf } from './operator.js';

export interface Failures {
  readonly archive: Pick<Archive, 'find'>;
  readonly groups: Pick<CachedGroups, 'counts'>;
  readonly actions: Pick<FailureActions, 'replay' | 'correct' | 'discard'>;
  readonly messageMaxLength: number;
}

type IdRequest = Request<{ readonly id: string }>;

interface ReplayBody extends Changes {
  readonly force: boolean;
}

const NOTE_MAX_LENGTH = 1_000;
const force = joi.boolean().default(false);
// The message rules of the domain check `to` and `message`.
const replaySchema = joi.object<ReplayBody>({ to: joi.any(), message: joi.any(), force });
const discardSchema = joi.object<{ note?: string; force: boolean }>({
  note: textUpTo(NOTE_MAX_LENGTH),
  force,
});

/** Failed messages, one by one and in groups, and the operators' actions on them. */
export function failureRoutes(
  { archive, groups, actions, messageMaxLength }: Failures,
  bodies: RequestBodies,
): Route[] {
  const limit = bytesOfMessage(messageMaxLength);
  const parseAction = async <T>(schema: joi.ObjectSchema<T>, request: IdRequest, response: Response) => {
    const body = checkedBody(schema, await bodies.readOptionalObject({ request, response, limit }));
    return { id: parseId(request.params.id), body, by: operatorOf(request) };
  };
  return [
    route({
      method: 'GET',
      path: '/failed-messages/groups',
      action: ACTIONS.readFailureGroups,
      parse: parseNothing,
      handle: async (_, response) => {
        const { groups: found, total, asOf } = await groups.counts();
        response.json({ groups: found.map(groupRow), total, asOf: isoTime(asOf) });
      },
    }),
    route({
      method: 'GET',
      path: '/failed-messages/:id',
      action: ACTIONS.readFailures,
      parse: ({ params }) => parseId(params.id),
      handle: async (id, response, view) => {
        const failure = (await archive.find(id))?.failure;
        if (failure === undefined || !sees(view, { ...failure, stored: false })) throw new UnknownFailure();
        response.json(failureDetail(failure, view.acts));
      },
    }),
    route({
      method: 'POST',
      path: '/failed-messages/:id/replay',
      action: ACTIONS.replayFailure,
      parse: async (request, response) => {
        const { body, ...act } = await parseAction(replaySchema, request, response);
        const { force, ...changes } = body;
        return { ...act, force, changes: Object.keys(changes).length > 0 ? changes : undefined };
      },
      handle: async ({ id, changes, force, by }, response) => {
        const failure = await (changes === undefined
          ? actions.replay(id, { force, by })
          : actions.correct(id, changes, by));
        response
          .status(202)
          .location(`/messages/${failure.correction?.id ?? failure.id}`)
          .json(failureDetail(failure, true));
      },
    }),
    route({
      method: 'POST',
      path: '/failed-messages/:id/discard',
      action: ACTIONS.discardFailure,
      parse: (request, response) => parseAction(discardSchema, request, response),
      handle: async ({ id, body, by }, response) => {
        const failure = await actions.discard(id, { ...body, by });
        response.json(failureDetail(failure, true));
      },
    }),
  ];
}

/** Throws `UnknownFailure` for a text that is not an id. */
function parseId(text: string): MessageId {
  if (!isMessageId(text)) throw new UnknownFailure();
  return text;
}

function groupRow({ key, code, reason, count, first, last, sample }: GroupSummary): object {
  return { key, code, reason, count, first: isoTime(first), last: isoTime(last), sample };
}
