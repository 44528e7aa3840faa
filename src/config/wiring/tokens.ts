import type { ServiceIdentifier } from 'inversify';
import type { Registry } from 'prom-client';
import type { ApiDependencies } from '../../adapters/http/http-app.js';
import type { InboxStreams } from '../../adapters/http/inbox/inbox-streams.js';
import type { MetricsText } from '../../adapters/http/ops/ops-routes.js';
import type { BodyMemory } from '../../adapters/http/server/bodies/body-memory.js';
import type { RequestBodies } from '../../adapters/http/server/bodies/request-bodies.js';
import type { HttpServer } from '../../adapters/http/server/http-server.js';
import type { Route } from '../../adapters/http/server/route.js';
import type { FailureCounts } from '../../adapters/metrics/failure-counts.js';
import type { PartitionLag } from '../../adapters/metrics/gauges.js';
import type { PrometheusTelemetry } from '../../adapters/metrics/prometheus-telemetry.js';
import type { DeliveryEngine } from '../../application/delivery/delivery-engine.js';
import type { CheckPartition } from '../../application/delivery/misplaced-records.js';
import type { BulkReplays } from '../../application/failures/bulk-replays.js';
import type { CachedGroups } from '../../application/failures/cached-groups.js';
import type { FailureActions } from '../../application/failures/failure-actions.js';
import type { ReplayOutbox } from '../../application/failures/replay-outbox.js';
import type { ReplayRunner } from '../../application/failures/replay-runner.js';
import type { InboxPages } from '../../application/inbox/inbox-pages.js';
import type { InboxWatch } from '../../application/inbox/inbox-watch.js';
import type { MessageStatuses } from '../../application/inbox/message-status.js';
import type { ReadInbox } from '../../application/inbox/read-inbox.js';
import type { AlertOutbox } from '../../application/ports/alerts.js';
import type { Archive } from '../../application/ports/archive.js';
import type { Clock, IdSource } from '../../application/ports/clock.js';
import type { DependencyHealth } from '../../application/ports/dependency-health.js';
import type * as failures from '../../application/ports/failures.js';
import type * as inbox from '../../application/ports/inbox.js';
import type { Ledger } from '../../application/ports/ledger.js';
import type { RecordCodec } from '../../application/ports/record-codec.js';
import type { RecordFeed } from '../../application/ports/record-feed.js';
import type { LogRetention, MessageQueue, RunQueue } from '../../application/ports/record-log.js';
import type { FailureSweep, MessageSweep } from '../../application/ports/sweeps.js';
import type { Logger } from '../../application/ports/telemetry.js';
import type { RetentionGuard } from '../../application/retention/retention-guard.js';
import type { Retention } from '../../application/retention/retention.js';
import type { AwaitResult } from '../../application/sending/await-result.js';
import type { InvalidSends } from '../../application/sending/invalid-sends.js';
import type { IdempotencyKeys } from '../../application/sending/send-idempotency.js';
import type { SendMessage } from '../../application/sending/send-message.js';
import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import type { Identities } from '../../domain/identity.js';
import type { FatalErrors } from '../running/fatal-errors.js';
import type { Component, Lifecycle } from '../running/lifecycle.js';
import type { Settings } from '../settings/settings.js';

/** The key of a service in the container. It is typed, so dependencies in the wrong order do not compile. */
export const token = <T>(name: string): ServiceIdentifier<T> => Symbol(name);

/** The services that the container provides, by name. A back end adds tokens for what only its own parts need. */
export const TOKENS = {
  settings: token<Settings>('settings'),
  clock: token<Clock>('clock'),
  logger: token<Logger>('logger'),
  fatalErrors: token<FatalErrors>('fatalErrors'),
  /** Aborted when the program begins to stop. */
  stopping: token<AbortController>('stopping'),
  registry: token<Registry>('registry'),
  telemetry: token<PrometheusTelemetry>('telemetry'),
  identities: token<Identities>('identities'),
  ids: token<IdSource>('ids'),
  codec: token<RecordCodec>('codec'),

  // Bound by the back end.
  messageQueue: token<MessageQueue>('messageQueue'),
  deadLetterQueue: token<RunQueue>('deadLetterQueue'),
  feed: token<RecordFeed>('feed'),
  checkPartition: token<CheckPartition>('checkPartition'),
  lag: token<() => readonly PartitionLag[]>('lag'),
  logRetention: token<LogRetention>('logRetention'),
  ledger: token<Ledger>('ledger'),
  archive: token<Archive>('archive'),
  inboxReader: token<inbox.InboxReader>('inboxReader'),
  inboxSignals: token<inbox.InboxSignals>('inboxSignals'),
  readPositions: token<inbox.ReadPositions>('readPositions'),
  failureSets: token<failures.FailureSets>('failureSets'),
  failureGroups: token<failures.FailureGroups>('failureGroups'),
  groupCounts: token<failures.GroupCountStore>('groupCounts'),
  replayJobs: token<failures.ReplayJobs>('replayJobs'),
  failedReplays: token<failures.FailedReplays>('failedReplays'),
  alertOutbox: token<AlertOutbox>('alertOutbox'),
  messageSweep: token<MessageSweep>('messageSweep'),
  failureSweep: token<FailureSweep>('failureSweep'),
  dependencies: token<readonly DependencyHealth[]>('dependencies'),
  /** Components of the back end, in the order of starting. Started first and stopped last. */
  backendComponents: token<readonly Component[]>('backendComponents'),

  invalidSends: token<InvalidSends>('invalidSends'),
  idempotencyKeys: token<IdempotencyKeys>('idempotencyKeys'),
  sendMessage: token<SendMessage>('sendMessage'),
  results: token<AwaitResult>('results'),
  policy: token<DeliveryPolicy>('policy'),
  engine: token<DeliveryEngine>('engine'),
  inboxWatch: token<InboxWatch>('inboxWatch'),
  inboxPages: token<InboxPages>('inboxPages'),
  readInbox: token<ReadInbox>('readInbox'),
  inboxStreams: token<InboxStreams>('inboxStreams'),
  messageStatuses: token<MessageStatuses>('messageStatuses'),
  /** The groups' counts of the back end, cached. */
  groups: token<CachedGroups>('groups'),
  failureActions: token<FailureActions>('failureActions'),
  replayOutbox: token<ReplayOutbox>('replayOutbox'),
  replayRunner: token<ReplayRunner>('replayRunner'),
  bulkReplays: token<BulkReplays>('bulkReplays'),
  /** Components that an api process starts last. */
  replayingComponents: token<readonly Component[]>('replayingComponents'),
  /** Alert components of an api process. Empty if no webhook is configured. */
  alertComponents: token<readonly Component[]>('alertComponents'),
  retentionGuard: token<RetentionGuard>('retentionGuard'),
  sweeps: token<readonly Retention[]>('sweeps'),
  /** Components of a receiver, in the order of starting. */
  receivingComponents: token<readonly Component[]>('receivingComponents'),
  failureCounts: token<FailureCounts>('failureCounts'),
  /** The registry, including the gauges that are read at each scrape. */
  scrape: token<MetricsText>('scrape'),
  opsRoutes: token<readonly Route[]>('opsRoutes'),
  bodyMemory: token<BodyMemory>('bodyMemory'),
  requestBodies: token<RequestBodies>('requestBodies'),
  api: token<ApiDependencies>('api'),
  httpServer: token<HttpServer>('httpServer'),
  lifecycle: token<Lifecycle>('lifecycle'),
};

type ServiceOf<Token> = Token extends ServiceIdentifier<infer T> ? T : never;

/** Services that replace those of the program, by the names of their tokens. */
export type Overrides = { readonly [N in keyof typeof TOKENS]?: ServiceOf<(typeof TOKENS)[N]> };
