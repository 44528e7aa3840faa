import joi from 'joi';
import { Router, type Request } from 'express';
import type { CachedGroups } from '../../../application/failures/cached-groups.js';
import { UnknownFailure, type FailureActions } from '../../../application/failures/failure-actions.js';
import type { Archive } from '../../../application/ports/archive.js';
import type { GroupSummary } from '../../../application/ports/failures.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import { isMessageId, type MessageId } from '../../../domain/message.js';
import { bytesOfMessage } from '../server/bodies/body-limits.js';
import { checkedBody } from '../server/bodies/body-schema.js';
import { failureDetail } from './failure-row.js';
import { operatorOf } from './operator.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { isoTime } from '../server/responses/times.js';

export interface Failures {
  readonly archive: Pick<Archive, 'find'>;
  readonly groups: Pick<CachedGroups, 'counts'>;
  readonly actions: Pick<FailureActions, 'replay' | 'correct' | 'discard'>;
  readonly messageMaxLength: number;
}

interface ReplayBody {
  readonly to?: unknown;
  readonly message?: unknown;
  readonly force: boolean;
}

const NOTE_MAX_LENGTH = 1_000;
const force = joi.boolean().default(false);
// The message rules of the domain check `to` and `message`.
const replaySchema = joi.object<ReplayBody>({ to: joi.any(), message: joi.any(), force });
const discardSchema = joi.object<{ note?: string; force: boolean }>({
  note: joi.string().max(NOTE_MAX_LENGTH),
  force,
});

type IdRequest = Request<{ readonly id: string }>;

/** Serves failed messages, one by one and in groups, and the operators' actions on them. */
export function failureRoutes(
  { archive, groups, actions, messageMaxLength }: Failures,
  bodies: RequestBodies,
): Router {
  const router = Router();
  const limit = bytesOfMessage(messageMaxLength);
  router.get('/failed-messages/groups', async (_request, response) => {
    const { groups: found, total, asOf } = await groups.counts();
    response.json({ groups: found.map(groupRow), total, asOf: isoTime(asOf) });
  });
  router.get('/failed-messages/:id', async (request: IdRequest, response) => {
    const failure = (await archive.find(idOf(request)))?.failure;
    if (failure === undefined) throw new UnknownFailure();
    response.json(failureDetail(failure));
  });
  router.post('/failed-messages/:id/replay', async (request: IdRequest, response) => {
    const body = checkedBody(replaySchema, await bodies.readOptionalObject({ request, response, limit }));
    const failure = await replayOrCorrect(actions, idOf(request), body, operatorOf(request));
    response
      .status(202)
      .location(`/messages/${failure.correction?.id ?? failure.id}`)
      .json(failureDetail(failure));
  });
  router.post('/failed-messages/:id/discard', async (request: IdRequest, response) => {
    const body = checkedBody(discardSchema, await bodies.readOptionalObject({ request, response, limit }));
    const by = operatorOf(request);
    const failure = await actions.discard(idOf(request), { ...body, by });
    response.json(failureDetail(failure));
  });
  return router;
}

function replayOrCorrect(
  actions: Failures['actions'],
  id: MessageId,
  { force, ...changes }: ReplayBody,
  by: string | undefined,
): Promise<FailedMessage> {
  if (Object.keys(changes).length > 0) return actions.correct(id, changes, by);
  return actions.replay(id, { force, by });
}

/** Throws `UnknownFailure` for a text that is not an id. */
function idOf({ params: { id } }: IdRequest): MessageId {
  if (!isMessageId(id)) throw new UnknownFailure();
  return id;
}

function groupRow({ key, code, reason, count, first, last, sample }: GroupSummary): object {
  const times = { first: isoTime(first), last: isoTime(last) };
  return { key, code, reason, count, ...times, sample };
}
