import type { ServiceIdentifier } from 'inversify';
import type { Registry } from 'prom-client';
import type { DeliveryEngine } from '../application/delivery/delivery-engine.js';
import type { Archive } from '../application/ports/archive.js';
import type { Clock } from '../application/ports/clock.js';
import type { DependencyHealth } from '../application/ports/dependency-health.js';
import type { IdSource } from '../application/ports/id-source.js';
import type { InboxReader } from '../application/ports/inbox-reader.js';
import type { InboxSignals } from '../application/ports/inbox-signals.js';
import type { Ledger } from '../application/ports/ledger.js';
import type { Logger } from '../application/ports/logger.js';
import type { RecordCodec } from '../application/ports/record-codec.js';
import type { RecordFeed } from '../application/ports/record-feed.js';
import type { RecordLog } from '../application/ports/record-log.js';
import type { Telemetry } from '../application/ports/telemetry.js';
import type { RecordSender } from '../application/record-sender.js';
import type { SendMessage } from '../application/send-message.js';
import type { Identities } from '../domain/identity.js';
import type { PrometheusTelemetry } from '../adapters/metrics/prometheus-telemetry.js';
import type { FatalErrors } from './fatal-errors.js';
import type { Lifecycle } from './lifecycle.js';
import type { Settings } from './settings.js';

/** Everything that the container can give, by name. */
export interface Services {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly metrics: PrometheusTelemetry;
  readonly telemetry: Telemetry;
  readonly fatalErrors: FatalErrors;
  readonly identities: Identities;
  readonly ids: IdSource;
  readonly codec: RecordCodec;
  readonly messageLog: RecordLog;
  readonly deadLetterLog: RecordLog;
  readonly messageSender: RecordSender;
  readonly deadLetterSender: RecordSender;
  readonly feed: RecordFeed;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly inboxReader: InboxReader;
  readonly inboxSignals: InboxSignals;
  readonly dependencies: readonly DependencyHealth[];
  readonly engine: DeliveryEngine;
  readonly sendMessage: SendMessage;
  readonly lifecycle: Lifecycle;
}

type Tokens = { readonly [Name in keyof Services]: ServiceIdentifier<Services[Name]> };

/** The container's keys. Each knows the type behind it, so that a swapped dependency does not compile. */
export const TOKENS: Tokens = {
  settings: Symbol('settings'),
  clock: Symbol('clock'),
  logger: Symbol('logger'),
  registry: Symbol('registry'),
  metrics: Symbol('metrics'),
  telemetry: Symbol('telemetry'),
  fatalErrors: Symbol('fatalErrors'),
  identities: Symbol('identities'),
  ids: Symbol('ids'),
  codec: Symbol('codec'),
  messageLog: Symbol('messageLog'),
  deadLetterLog: Symbol('deadLetterLog'),
  messageSender: Symbol('messageSender'),
  deadLetterSender: Symbol('deadLetterSender'),
  feed: Symbol('feed'),
  ledger: Symbol('ledger'),
  archive: Symbol('archive'),
  inboxReader: Symbol('inboxReader'),
  inboxSignals: Symbol('inboxSignals'),
  dependencies: Symbol('dependencies'),
  engine: Symbol('engine'),
  sendMessage: Symbol('sendMessage'),
  lifecycle: Symbol('lifecycle'),
};
