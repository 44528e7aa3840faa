import { ContainerModule } from 'inversify';
import { apiRoutes, buildHttpApp } from '../../../adapters/http/http-app.js';
import { accessLog } from '../../../adapters/http/server/access-log.js';
import { bytesOfBatch } from '../../../adapters/http/server/bodies/body-limits.js';
import { BodyMemory } from '../../../adapters/http/server/bodies/body-memory.js';
import { RequestBodies } from '../../../adapters/http/server/bodies/request-bodies.js';
import { HttpServer } from '../../../adapters/http/server/http-server.js';
import { ServerCertificate } from '../../../adapters/http/server/server-certificate.js';
import { stopBudget } from '../../running/shutdown.js';
import { construct } from '../construct.js';
import { TOKENS as t } from '../tokens.js';

/** The HTTP server, and what the routes of the api depend on. */
export const http = new ContainerModule(({ bind }) => {
  bind(t.bodyMemory).toResolvedValue(
    ({ http, sending }) => new BodyMemory(http.bodyMemoryBytes, bytesOfBatch(sending.messageMaxLength)),
    [t.settings],
  );
  bind(t.requestBodies).toResolvedValue(construct(RequestBodies), [t.bodyMemory, t.clock]);
  bind(t.api).toResolvedValue(
    (
      { sending },
      bodies,
      sendMessage,
      results,
      archive,
      statuses,
      inbox,
      streams,
      groups,
      actions,
      replays,
    ) => {
      const { messageMaxLength, waitMs: sendWaitMs } = sending;
      const failures = { archive, groups, actions, messageMaxLength };
      const send = { bodies, sendMessage, results, messageMaxLength, sendWaitMs };
      return { ...send, archive, statuses, inbox, streams, failures, replays };
    },
    [
      t.settings,
      t.requestBodies,
      t.sendMessage,
      t.results,
      t.archive,
      t.messageStatuses,
      t.readInbox,
      t.inboxStreams,
      t.groups,
      t.failureActions,
      t.bulkReplays,
    ],
  );
  bind(t.httpServer).toResolvedValue(
    ({ roles, http, shutdownTimeoutMs }, api, opsRoutes, clock, logger) => {
      const routes = roles.api ? [...apiRoutes(api, logger), ...opsRoutes] : opsRoutes;
      const observed = logger.isDebugEnabled() && { accessLog: accessLog(logger, clock) };
      const app = buildHttpApp({ routes, logger, ...observed });
      const { drainTimeoutMs } = stopBudget(shutdownTimeoutMs);
      const { host, port, tls } = http;
      const secured = tls && { certificate: new ServerCertificate(tls, logger) };
      return new HttpServer(app, { host, port, drainTimeoutMs, ...secured }, clock);
    },
    [t.settings, t.api, t.opsRoutes, t.clock, t.logger],
  );
});
