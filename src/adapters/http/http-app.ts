import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Router,
} from 'express';
import type { Logger } from '../../application/ports/telemetry.js';
import type { ReadInbox } from '../../application/inbox/read-inbox.js';
import type { MessageStatuses } from '../../application/inbox/message-status.js';
import { problemOf } from './server/error-table.js';
import { failureRoutes, type Failures } from './failures/failure-routes.js';
import { inboxRoutes } from './inbox/inbox-routes.js';
import type { InboxStreams } from './inbox/inbox-streams.js';
import { knownPaths, otherMethods } from './server/known-paths.js';
import { messageStatusRoutes } from './inbox/message-status-route.js';
import { listRoutes, type ListArchive } from './inbox/list-routes.js';
import { replayRoutes, type Replays } from './failures/replay-routes.js';
import { answerProblem, HttpProblem, type Problem } from './server/problem.js';
import { identifyCaller, requestIds } from './server/request-context.js';
import { sendMessageFailure, sendMessageRoute, type Sending } from './sending/send-message-route.js';
import { sendMessagesRoutes } from './sending/send-messages-route.js';

export interface ApiDependencies extends Sending {
  readonly archive: ListArchive;
  readonly lives: Pick<MessageStatuses, 'of'>;
  readonly inbox: Pick<ReadInbox, 'page' | 'messages' | 'markRead'>;
  readonly streams: InboxStreams;
  readonly failures: Failures;
  readonly replays: Replays;
}

export interface HttpDependencies {
  /** Absent in a process without the api role. */
  readonly api?: ApiDependencies;
  /** Further routers, each with its full paths. */
  readonly routers: readonly Router[];
  readonly logger: Logger;
  /** Sets `request.caller` before every route. By default every caller is anonymous and may do everything. */
  readonly identify?: RequestHandler;
}

export function buildHttpApp({ api, routers, logger, identify = identifyCaller }: HttpDependencies): Express {
  const app = express().disable('x-powered-by').disable('etag');
  const context = [requestContext(), identify];
  const problemFor = problemLogger(logger);
  if (api) mountSendMessage(app, api, context, problemFor, logger);
  app.use(context, commonHeaders, ...(api ? apiRoutes(api, problemFor) : []), ...routers);
  for (const known of knownPaths(app.router)) app.route(known.path).all(otherMethods(known));
  app.use(notFound, failure(problemFor));
  return app;
}

function apiRoutes(api: ApiDependencies, problemFor: ProblemFor): Router[] {
  return [
    sendMessagesRoutes(api, problemFor),
    listRoutes(api.archive),
    messageStatusRoutes(api.lives),
    failureRoutes(api.failures, api.bodies),
    replayRoutes(api.replays, api.bodies),
    inboxRoutes(api.inbox, api.streams, api.bodies),
  ];
}

type ProblemFor = (error: unknown, request: Request) => Problem;

/** Mounts POST /send-message as the app's first route, with only the middleware that it needs: it is the hot path. */
function mountSendMessage(
  app: Express,
  sending: Sending,
  context: readonly RequestHandler[],
  problemFor: ProblemFor,
  logger: Logger,
): void {
  const send = sendMessageRoute(sending, (request, message) => {
    if (logger.isDebugEnabled())
      logger.debug('message.accepted', { requestId: request.id, messageId: message.id });
  });
  app.post('/send-message', ...context, send, sendMessageFailure(problemFor));
}

function requestContext(): RequestHandler {
  const idFor = requestIds();
  return (request, _response, next) => {
    request.id = idFor(request.headers['x-request-id']);
    next();
  };
}

const commonHeaders: RequestHandler = (request, response, next) => {
  response.setHeader('x-request-id', request.id);
  response.setHeader('x-content-type-options', 'nosniff');
  next();
};

const notFound: RequestHandler = (_request, _response, next) => {
  next(new HttpProblem({ status: 404, code: 'not-found', detail: 'There is nothing at this path.' }));
};

/** Logs defects as errors. Outages are logged once elsewhere, so other failures are logged at debug level only. */
function problemLogger(logger: Logger): ProblemFor {
  return (error, request) => {
    const problem = problemOf(error);
    const { status, code } = problem;
    const fields = { requestId: request.id, method: request.method, status, code };
    if (status === 500) logger.error('http.failed', { ...fields, error });
    else if (logger.isDebugEnabled()) logger.debug('http.refused', fields);
    return problem;
  };
}

function failure(problemFor: ProblemFor): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const problem = problemFor(error, request);
    // The client must not mistake a partial response for a complete one.
    if (response.headersSent) response.destroy();
    else answerProblem(response, problem);
  };
}
