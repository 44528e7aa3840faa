import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { MessageStatuses } from '../../application/inbox/message-status.js';
import type { ListArchive } from '../../application/inbox/own-lists.js';
import type { ReadInbox } from '../../application/inbox/read-inbox.js';
import type { Logger } from '../../application/ports/telemetry.js';
import { failureRoutes, type Failures } from './failures/failure-routes.js';
import { replayRoutes, type Replays } from './failures/replay-routes.js';
import { inboxRoutes } from './inbox/inbox-routes.js';
import type { InboxStreams } from './inbox/inbox-streams.js';
import { listRoutes } from './inbox/list-routes.js';
import { messageStatusRoute } from './inbox/message-status-route.js';
import { sendMessageRoute, type Sending } from './sending/send-message-route.js';
import { sendMessagesRoute } from './sending/send-messages-route.js';
import { identifyAnyone, type Identify } from './server/identify.js';
import { loggedProblems, type LoggedProblems } from './server/logged-problems.js';
import { mountRoutes } from './server/mount-routes.js';
import { answerProblem } from './server/problem.js';
import { requestContext, setCommonHeaders } from './server/request-context.js';
import type { Route } from './server/route.js';

export interface ApiDependencies extends Sending {
  readonly archive: ListArchive;
  readonly statuses: Pick<MessageStatuses, 'of'>;
  readonly inbox: Pick<ReadInbox, 'page' | 'messages' | 'markRead'>;
  readonly streams: InboxStreams;
  readonly failures: Failures;
  readonly replays: Replays;
}

/** Lists the routes of the api role. Express tries them in this order, so the hot path is first. */
export function apiRoutes(api: ApiDependencies, logger: Logger): Route[] {
  return [
    sendMessageRoute(api, logger),
    sendMessagesRoute(api, loggedProblems(logger)),
    ...listRoutes(api.archive),
    messageStatusRoute(api.statuses),
    ...failureRoutes(api.failures, api.bodies),
    ...replayRoutes(api.replays, api.bodies),
    ...inboxRoutes(api.inbox, api.streams, api.bodies),
  ];
}

export interface HttpDependencies {
  readonly routes: readonly Route[];
  readonly logger: Logger;
  /** By default, there is no access control. */
  readonly identify?: Identify;
  /** Sees every request first. By default there is none, because each handler costs time. */
  readonly accessLog?: RequestHandler;
}

export function buildHttpApp({
  routes,
  logger,
  identify = identifyAnyone,
  accessLog,
}: HttpDependencies): Express {
  const app = express().disable('x-powered-by').disable('etag');
  if (accessLog) app.use(accessLog);
  app.use(requestContext());
  mountRoutes(app, routes, identify);
  app.use(failureHandler(loggedProblems(logger)));
  return app;
}

/** Answers every failure, in the format of the route. */
function failureHandler(problemFor: LoggedProblems): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const problem = problemFor(error, request);
    const fail = request.matchedRoute?.fail ?? answerProblem;
    // The client must not mistake a partial response for a complete one.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    setCommonHeaders(response);
    fail(response, problem);
  };
}
