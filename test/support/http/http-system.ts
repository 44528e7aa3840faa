import type { Identify } from '../../../src/adapters/http/server/identify.js';
import type { Route } from '../../../src/adapters/http/server/route.js';
import { HttpServer } from '../../../src/adapters/http/server/http-server.js';
import { apiRoutes, buildHttpApp, type ApiDependencies } from '../../../src/adapters/http/http-app.js';
import { BodyMemory } from '../../../src/adapters/http/server/bodies/body-memory.js';
import { InboxStreams } from '../../../src/adapters/http/inbox/inbox-streams.js';
import { RequestBodies } from '../../../src/adapters/http/server/bodies/request-bodies.js';
import { InMemoryFailures } from '../memory/in-memory-failures.js';
import { InMemoryLedger } from '../memory/in-memory-ledger.js';
import { InMemoryLog } from '../memory/in-memory-log.js';
import { SystemClock } from '../../../src/adapters/system/system-clock.js';
import { JsonRecordCodec } from '../../../src/adapters/codec/json-record-codec.js';
import { AwaitResult } from '../../../src/application/sending/await-result.js';
import { DeliveryEngine } from '../../../src/application/delivery/delivery-engine.js';
import { BulkReplays } from '../../../src/application/failures/bulk-replays.js';
import { FailureActions } from '../../../src/application/failures/failure-actions.js';
import { ReplayOutbox } from '../../../src/application/failures/replay-outbox.js';
import { ReplayRunner } from '../../../src/application/failures/replay-runner.js';
import { FollowInbox } from '../../../src/application/inbox/follow-inbox.js';
import { InboxPages } from '../../../src/application/inbox/inbox-pages.js';
import { InboxWatch } from '../../../src/application/inbox/inbox-watch.js';
import { ReadInbox } from '../../../src/application/inbox/read-inbox.js';
import { MessageStatuses } from '../../../src/application/inbox/message-status.js';
import type { Archive } from '../../../src/application/ports/archive.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type { InboxReader } from '../../../src/application/ports/inbox.js';
import type { Ledger } from '../../../src/application/ports/ledger.js';
import type { RecordLog } from '../../../src/application/ports/record-log.js';
import { InvalidSends } from '../../../src/application/sending/invalid-sends.js';
import { IdempotencyKeys } from '../../../src/application/sending/send-idempotency.js';
import { SendMessage } from '../../../src/application/sending/send-message.js';
import { SendQueue } from '../../../src/application/sending/queue/send-queue.js';
import { DeliveryPolicy } from '../../../src/domain/delivery/delivery-policy.js';
import { ServedClients } from '../../../src/domain/delivery/served-clients.js';
import type { Entry, Outcome } from '../../../src/domain/delivery/settlement.js';
import { identities } from '../builders.js';
import { cachedGroups } from '../failures/counted-groups.js';
import { countingIds } from '../recorders.js';
import { RecordingLogger } from '../recording-logger.js';
import { silentTelemetry } from '../silent-telemetry.js';

export const realClock: Clock = new SystemClock();

export interface HttpSystemOptions {
  readonly messageLog?: RecordLog;
  readonly sendMessage?: ApiDependencies['sendMessage'];
  readonly archive?: Archive;
  readonly reader?: InboxReader;
  /** Replaces the ledger as the target of the receiver's writes. */
  readonly settle?: (entries: readonly Entry[], ledger: Ledger) => Promise<readonly Outcome[]>;
  readonly sendWaitMs?: number;
  readonly sendTimeoutMs?: number;
  readonly drainTimeoutMs?: number;
  readonly bodies?: RequestBodies;
  /** Served after those of the api. */
  readonly routes?: readonly Route[];
  readonly identify?: Identify;
}

const MAX_LENGTH = 1_000;
const MIB = 2 ** 20;

const defaultBodies = (): RequestBodies => new RequestBodies(new BodyMemory(64 * MIB, 16 * MIB), realClock);

/** The whole program in this process, on the in-memory adapters and a free port. */
export class HttpSystem {
  readonly messageMaxLength = MAX_LENGTH;
  readonly log = new InMemoryLog(realClock);
  readonly ledger = new InMemoryLedger(realClock, identities);
  readonly logger = new RecordingLogger();
  readonly watch: InboxWatch;
  private readonly codec = new JsonRecordCodec(identities, MAX_LENGTH);
  private readonly messages: SendQueue;
  private readonly stops: (() => Promise<void>)[] = [];
  readonly routes: readonly Route[];
  readonly server: HttpServer;
  private readonly engine: DeliveryEngine;
  private readonly queues: readonly SendQueue[];

  constructor(options: HttpSystemOptions = {}) {
    const { routes = [], identify, archive = this.ledger, drainTimeoutMs = 1_000 } = options;
    this.watch = new InboxWatch(this.ledger, options.reader ?? this.ledger, realClock);
    const timing = { timeoutMs: options.sendTimeoutMs ?? 5_000 };
    this.messages = new SendQueue(options.messageLog ?? this.log.messages, realClock, timing);
    const { messages, codec } = this;
    const deadLetters = new SendQueue(this.log.deadLetters, realClock, timing);
    this.queues = [messages, deadLetters];
    this.engine = this.buildEngine(codec, deadLetters, options.settle);
    const sendMessage = options.sendMessage ?? this.buildSender(codec, messages, deadLetters);
    this.routes = [...apiRoutes(this.buildApi(sendMessage, archive, options), this.logger), ...routes];
    const app = buildHttpApp({ routes: this.routes, logger: this.logger, ...(identify && { identify }) });
    this.server = new HttpServer(app, { host: '127.0.0.1', port: 0, drainTimeoutMs }, realClock);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  async start(): Promise<this> {
    await this.engine.start();
    await this.server.start();
    return this;
  }

  async close(): Promise<void> {
    this.watch.close();
    await this.server.stop();
    for (const stop of this.stops) await stop();
    await Promise.all(this.queues.map((queue) => queue.close(0)));
    await this.engine.stop();
  }

  private buildSender(codec: JsonRecordCodec, messages: SendQueue, deadLetters: SendQueue): SendMessage {
    const settings = { messageMaxLength: MAX_LENGTH, recordsPerSecond: 1_000 };
    const keys = new IdempotencyKeys(this.ledger, identities, realClock);
    const invalidSends = new InvalidSends(
      ...([settings, deadLetters, codec, countingIds, identities, realClock, silentTelemetry] as const),
    );
    return new SendMessage(
      ...([
        MAX_LENGTH,
        messages,
        codec,
        countingIds,
        keys,
        invalidSends,
        realClock,
        silentTelemetry,
      ] as const),
    );
  }

  private buildApi(
    sendMessage: ApiDependencies['sendMessage'],
    archive: Archive,
    { reader = this.ledger, sendWaitMs = 0, bodies = defaultBodies() }: HttpSystemOptions,
  ): ApiDependencies {
    const { ledger, watch } = this;
    const pages = new InboxPages(reader, realClock);
    const following = new FollowInbox(pages, watch, realClock, Math.random);
    return {
      ...{ sendMessage, archive, messageMaxLength: MAX_LENGTH, sendWaitMs, bodies },
      results: new AwaitResult(watch, archive, identities, realClock),
      statuses: new MessageStatuses(archive, ledger),
      inbox: new ReadInbox(pages, watch, ledger, realClock),
      streams: new InboxStreams(following, realClock),
      ...this.buildFailures(archive),
    };
  }

  private buildFailures(archive: Archive): Pick<ApiDependencies, 'failures' | 'replays'> {
    const { ledger, codec, messages } = this;
    const failures = new InMemoryFailures(ledger);
    const rules = { messageMaxLength: MAX_LENGTH, maxReplays: 5, leaseMs: 30_000 };
    const outbox = new ReplayOutbox(
      ...([
        ledger,
        failures,
        messages,
        codec,
        rules.leaseMs,
        realClock,
        this.logger,
        silentTelemetry,
      ] as const),
    );
    const runner = new ReplayRunner(
      failures,
      failures,
      ledger,
      outbox,
      rules,
      realClock,
      this.logger,
      countingIds,
    );
    runner.start();
    this.stops.push(() => runner.stop());
    const groups = cachedGroups(failures, realClock);
    this.stops.push(() => groups.stop());
    const actions = new FailureActions(ledger, archive, outbox, identities, rules, realClock, countingIds);
    return {
      failures: { archive, groups, actions, messageMaxLength: MAX_LENGTH },
      replays: new BulkReplays(failures, failures, countingIds, realClock, () => {
        runner.pollNow();
      }),
    };
  }

  private buildEngine(
    codec: JsonRecordCodec,
    deadLetters: SendQueue,
    settle: HttpSystemOptions['settle'] = (entries, ledger) => ledger.settle(entries),
  ): DeliveryEngine {
    const served = ServedClients.all;
    const inner = this.ledger;
    const ledger: Ledger = {
      settle: (entries) => settle(entries, inner),
      probe: () => inner.probe(),
      amend: (id, change) => inner.amend(id, change),
      amendAll: (ids, change) => inner.amendAll(ids, change),
    };
    return new DeliveryEngine(
      { served, group: 'receiver', failuresGroup: 'failures', parkedMax: 10 },
      {
        ...{ feed: this.log, ledger, deadLetters, codec, clock: realClock },
        policy: new DeliveryPolicy({ max: 0, initialMs: 1, factor: 1, jitter: 0 }),
        checkPartition: () => undefined,
        ...{ telemetry: silentTelemetry, random: () => 0.5 },
      },
    );
  }
}
