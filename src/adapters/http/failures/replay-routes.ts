import joi from 'joi';
import { UnknownReplay, type BulkReplays } from '../../../application/failures/bulk-replays.js';
import { ACTIONS } from '../../../domain/access/actions.js';
import { MIN_REPLAY_RATE, type ReplayFilter } from '../../../domain/failures/replay-job.js';
import { checkedBody, textUpTo } from '../server/bodies/body-schema.js';
import type { RequestBodies } from '../server/bodies/request-bodies.js';
import { HttpProblem } from '../server/problem.js';
import { parseTime } from '../server/query-parameters.js';
import { route, type Route } from '../server/route.js';
import { operatorOf } from './operator.js';

interface ReplayBody {
  readonly filter: ReplayFilter;
  readonly all: boolean;
  readonly rate: number;
  readonly dryRun: boolean;
}

const BODY_BYTES = 16 * 1024;
const DEFAULT_RATE = 1_000;
const MAX_RATE = 100_000;
const ID = /^[0-9a-f]{24}$/;

const name = textUpTo(256).allow('');
const time = joi
  .string()
  .custom((text: string) => {
    const value = parseTime(text);
    if (value === undefined) throw new Error('not a time');
    return value;
  })
  .messages({ 'any.custom': '{{#label}} must be a date, or a time with its offset, in ISO 8601' });

const schema = joi.object<ReplayBody>({
  filter: joi
    .object<ReplayFilter>({
      code: joi.string().pattern(/^[a-z][a-z0-9-]{0,63}$/),
      group: joi.string().pattern(ID),
      from: name,
      to: name,
      since: time,
      until: time,
    })
    .default({}),
  all: joi.boolean().default(false),
  rate: joi.number().min(MIN_REPLAY_RATE).max(MAX_RATE).default(DEFAULT_RATE),
  dryRun: joi.boolean().default(false),
});

export type Replays = Pick<BulkReplays, 'count' | 'begin' | 'progress' | 'cancel'>;

/** Bulk replays: starting one, its progress, cancelling it. */
export function replayRoutes(replays: Replays, bodies: RequestBodies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/replays',
      action: ACTIONS.beginReplays,
      parse: async (request, response) => {
        const body = await bodies.readObject({ request, response, limit: BODY_BYTES });
        const { filter, all, rate, dryRun } = checkedBody(schema, body);
        if (Object.keys(filter).length === 0 && !all) throw emptyFilter();
        return { filter, rate, dryRun, by: operatorOf(request) };
      },
      handle: async ({ filter, rate, dryRun, by }, response) => {
        if (dryRun) {
          response.json({ total: await replays.count(filter) });
          return;
        }
        const { id } = await replays.begin({ filter, rate, ...(by !== undefined && { by }) });
        response
          .status(202)
          .location(`/replays/${id}`)
          .json(await replays.progress(id));
      },
    }),
    route({
      method: 'GET',
      path: '/replays/:id',
      action: ACTIONS.readReplays,
      parse: ({ params }) => parseId(params.id),
      handle: async (id, response) => {
        response.json(await replays.progress(id));
      },
    }),
    route({
      method: 'DELETE',
      path: '/replays/:id',
      action: ACTIONS.cancelReplays,
      parse: ({ params }) => parseId(params.id),
      handle: async (id, response) => {
        response.json(await replays.cancel(id));
      },
    }),
  ];
}

function parseId(text: string): string {
  if (!ID.test(text)) throw new UnknownReplay();
  return text;
}

function emptyFilter(): HttpProblem {
  const detail = 'An empty filter means every unresolved failure: say so with "all": true.';
  const errors = [{ pointer: '#/filter', detail }];
  return new HttpProblem({ status: 400, code: 'malformed-body', detail, errors });
}
