import type { Express, Router } from 'express';
import type { ServiceIdentifier } from 'inversify';
import type { Registry } from 'prom-client';
import type { BodyMemory } from '../../adapters/http/server/bodies/body-memory.js';
import type { ApiDependencies } from '../../adapters/http/http-app.js';
import type { InboxStreams } from '../../adapters/http/inbox/inbox-streams.js';
import type { HttpServer } from '../../adapters/http/server/http-server.js';
import type { RequestBodies } from '../../adapters/http/server/bodies/request-bodies.js';
import type { MetricsText } from '../../adapters/ops/ops-router.js';
import type { FailureCounts } from '../../adapters/metrics/failure-counts.js';
import type { PartitionLag } from '../../adapters/metrics/gauges.js';
import type { PrometheusTelemetry } from '../../adapters/metrics/prometheus-telemetry.js';
import type { AwaitResult } from '../../application/sending/await-result.js';
import type { DeliveryEngine } from '../../application/delivery/delivery-engine.js';
import type { BulkReplays } from '../../application/failures/bulk-replays.js';
import type { CachedGroups } from '../../application/failures/cached-groups.js';
import type { FailureActions } from '../../application/failures/failure-actions.js';
import type { ReplayOutbox } from '../../application/failures/replay-outbox.js';
import type { ReplayRunner } from '../../application/failures/replay-runner.js';
import type { InboxPages } from '../../application/inbox/inbox-pages.js';
import type { InboxWatch } from '../../application/inbox/inbox-watch.js';
import type { ReadInbox } from '../../application/inbox/read-inbox.js';
import type { MessageStatuses } from '../../application/inbox/message-status.js';
import type { AlertOutbox } from '../../application/ports/alerts.js';
import type { Archive } from '../../application/ports/archive.js';
import type { Clock, IdSource } from '../../application/ports/clock.js';
import type { DependencyHealth } from '../../application/ports/dependency-health.js';
import type {
  FailedReplays,
  FailureGroups,
  GroupCountStore,
  FailureSets,
  ReplayJobs,
} from '../../application/ports/failures.js';
import type { InboxReader, InboxSignals, ReadPositions } from '../../application/ports/inbox.js';
import type { Ledger } from '../../application/ports/ledger.js';
import type { Logger, Telemetry } from '../../application/ports/telemetry.js';
import type { LogRetention, MessageQueue, RunQueue } from '../../application/ports/record-log.js';
import type { FailureSweep, MessageSweep } from '../../application/ports/sweeps.js';
import type { RecordCodec } from '../../application/ports/record-codec.js';
import type { RecordFeed } from '../../application/ports/record-feed.js';
import type { Retention } from '../../application/retention/retention.js';
import type { RetentionGuard } from '../../application/retention/retention-guard.js';
import type { InvalidSends } from '../../application/sending/invalid-sends.js';
import type { IdempotencyKeys } from '../../application/sending/send-idempotency.js';
import type { SendMessage } from '../../application/sending/send-message.js';
import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import type { Identities } from '../../domain/identity.js';
import type { FatalErrors } from '../running/fatal-errors.js';
import type { Component, Lifecycle } from '../running/lifecycle.js';
import type { Settings } from '../settings/settings.js';

/** The services that the container provides, by name. */
export interface Services {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fatalErrors: FatalErrors;
  /** Aborted when the program begins to stop. */
  readonly stopping: AbortController;
  readonly registry: Registry;
  readonly metrics: PrometheusTelemetry;
  readonly telemetry: Telemetry;
  readonly identities: Identities;
  readonly ids: IdSource;
  readonly codec: RecordCodec;
  readonly policy: DeliveryPolicy;

  // Bound by the back end.
  readonly messageQueue: MessageQueue;
  readonly deadLetterQueue: RunQueue;
  readonly feed: RecordFeed;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly inboxReader: InboxReader;
  readonly inboxSignals: InboxSignals;
  readonly readPositions: ReadPositions;
  readonly messageSweep: MessageSweep;
  readonly failureSweep: FailureSweep;
  readonly logRetention: LogRetention;
  readonly failureSets: FailureSets;
  readonly failureGroups: FailureGroups;
  readonly groupCounts: GroupCountStore;
  readonly replayJobs: ReplayJobs;
  readonly failedReplays: FailedReplays;
  readonly alertOutbox: AlertOutbox;
  readonly dependencies: readonly DependencyHealth[];
  readonly lag: () => readonly PartitionLag[];
  /** Components of the back end, in the order of starting. Started first and stopped last. */
  readonly backendComponents: readonly Component[];

  readonly invalidSends: InvalidSends;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly sendMessage: SendMessage;
  readonly inboxWatch: InboxWatch;
  readonly inboxPages: InboxPages;
  readonly readInbox: ReadInbox;
  readonly inboxStreams: InboxStreams;
  readonly lives: MessageStatuses;
  readonly results: AwaitResult;
  /** The groups' counts of the back end, cached. */
  readonly groups: CachedGroups;
  readonly failureActions: FailureActions;
  readonly replayOutbox: ReplayOutbox;
  readonly replayRunner: ReplayRunner;
  readonly bulkReplays: BulkReplays;
  /** Components that an api process starts last. */
  readonly replayingComponents: readonly Component[];
  /** Alert components of an api process. Empty if no webhook is configured. */
  readonly alertComponents: readonly Component[];
  readonly retentionGuard: RetentionGuard;
  readonly sweeps: readonly Retention[];
  readonly engine: DeliveryEngine;
  /** Components of a receiver, in the order of starting. */
  readonly receivingComponents: readonly Component[];
  readonly failureCounts: FailureCounts;
  /** The registry, including the gauges that are read at each scrape. */
  readonly scrape: MetricsText;
  readonly opsRouter: Router;
  readonly bodyMemory: BodyMemory;
  readonly requestBodies: RequestBodies;
  readonly api: ApiDependencies;
  readonly httpApp: Express;
  readonly httpServer: HttpServer;
  readonly lifecycle: Lifecycle;
}

type Tokens = { readonly [Name in keyof Services]: ServiceIdentifier<Services[Name]> };

/** The container's keys. Each is typed, so dependencies in the wrong order do not compile. */
export const TOKENS: Tokens = {
  settings: Symbol('settings'),
  clock: Symbol('clock'),
  logger: Symbol('logger'),
  fatalErrors: Symbol('fatalErrors'),
  stopping: Symbol('stopping'),
  registry: Symbol('registry'),
  metrics: Symbol('metrics'),
  telemetry: Symbol('telemetry'),
  identities: Symbol('identities'),
  ids: Symbol('ids'),
  codec: Symbol('codec'),
  policy: Symbol('policy'),
  messageQueue: Symbol('messageQueue'),
  deadLetterQueue: Symbol('deadLetterQueue'),
  feed: Symbol('feed'),
  ledger: Symbol('ledger'),
  archive: Symbol('archive'),
  inboxReader: Symbol('inboxReader'),
  inboxSignals: Symbol('inboxSignals'),
  readPositions: Symbol('readPositions'),
  messageSweep: Symbol('messageSweep'),
  failureSweep: Symbol('failureSweep'),
  logRetention: Symbol('logRetention'),
  failureSets: Symbol('failureSets'),
  failureGroups: Symbol('failureGroups'),
  groupCounts: Symbol('groupCounts'),
  replayJobs: Symbol('replayJobs'),
  failedReplays: Symbol('failedReplays'),
  alertOutbox: Symbol('alertOutbox'),
  dependencies: Symbol('dependencies'),
  lag: Symbol('lag'),
  backendComponents: Symbol('backendComponents'),
  invalidSends: Symbol('invalidSends'),
  idempotencyKeys: Symbol('idempotencyKeys'),
  sendMessage: Symbol('sendMessage'),
  inboxWatch: Symbol('inboxWatch'),
  inboxPages: Symbol('inboxPages'),
  readInbox: Symbol('readInbox'),
  inboxStreams: Symbol('inboxStreams'),
  lives: Symbol('lives'),
  results: Symbol('results'),
  groups: Symbol('groups'),
  failureActions: Symbol('failureActions'),
  replayOutbox: Symbol('replayOutbox'),
  replayRunner: Symbol('replayRunner'),
  bulkReplays: Symbol('bulkReplays'),
  replayingComponents: Symbol('replayingComponents'),
  alertComponents: Symbol('alertComponents'),
  retentionGuard: Symbol('retentionGuard'),
  sweeps: Symbol('sweeps'),
  engine: Symbol('engine'),
  receivingComponents: Symbol('receivingComponents'),
  failureCounts: Symbol('failureCounts'),
  scrape: Symbol('scrape'),
  opsRouter: Symbol('opsRouter'),
  bodyMemory: Symbol('bodyMemory'),
  requestBodies: Symbol('requestBodies'),
  api: Symbol('api'),
  httpApp: Symbol('httpApp'),
  httpServer: Symbol('httpServer'),
  lifecycle: Symbol('lifecycle'),
};
