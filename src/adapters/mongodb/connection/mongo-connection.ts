import { createConnection, mongo, type Connection } from 'mongoose';
import { DependencyUnavailable } from '../../../application/errors.js';
import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import type { DependencyHealth, DependencyStatus } from '../../../application/ports/dependency-health.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { MessageDocument } from '../schema/documents.js';
import { ListIndexes } from './list-indexes.js';
import { newClient } from '../client/mongo-client.js';
import { mongoAddress } from '../client/mongo-address.js';
import { errorKind, portError, systemCode } from '../client/mongo-errors.js';
import { MongoHealth, type Part } from './mongo-health.js';
import type { MongoStore } from './mongo-store.js';
import { probeReads, probeWrites } from './probe.js';
import {
  ALERTS,
  API_KEYS,
  createCollections,
  GROUP_COUNTS,
  INBOXES,
  MESSAGES,
  POSITIONS,
  READERS,
  REPLAYS,
} from '../schema/schemas.js';
import type { StandaloneServer } from '../client/standalone-server.js';
import { Transactions } from '../transactions/transactions.js';

export interface MongoSettings {
  readonly uri: string;
  /** How long a call waits for a primary before it fails. */
  readonly selectionTimeoutMs?: number;
}

const SELECTION_TIMEOUT_MS = 3_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;
const RECHECK_MS = 5_000;

/** The connection that all adapters of the store share, and the health of the server. */
export class MongoConnection implements DependencyHealth {
  readonly dependency = 'store';
  readonly listIndexes: ListIndexes;
  private readonly health: MongoHealth;
  private connection: Connection | undefined;
  private store: MongoStore | undefined;
  private connecting: Promise<void> | undefined;
  private standalone: StandaloneServer | undefined;
  private started = false;
  private closed = false;
  private readonly timers = new Map<string, CancelTimer>();

  constructor(
    private readonly settings: MongoSettings,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Called once, if the server turns out to be a standalone one after `start` has resolved. */
    private readonly onStandalone: (error: StandaloneServer) => void,
  ) {
    this.health = new MongoHealth(clock, logger, `MongoDB at ${mongoAddress(settings.uri)}`);
    this.listIndexes = new ListIndexes(logger, (delayMs, callback) => {
      this.later('indexes', delayMs, callback);
    });
  }

  /**
   * Tries to connect once. If the server is unreachable, resolves and tries again in the background until it
   * succeeds. Rejects only if the server is standalone or the URI is invalid.
   */
  async start(): Promise<void> {
    await this.connect();
    this.started = true;
    if (this.standalone) throw this.standalone;
    if (this.store === undefined) this.retryLater(1);
  }

  status(): DependencyStatus {
    return this.health.status();
  }

  /**
   * Runs one operation, and records in the health whether it succeeded. Rejects with the errors that the ports
   * document.
   */
  async use<T>(part: Part, work: (store: MongoStore) => Promise<T>): Promise<T> {
    try {
      const result = await work(this.opened());
      this.health.succeeded(part);
      return result;
    } catch (error) {
      throw this.recordFailure(part, error);
    }
  }

  /** Streams the rows of a query. The cursor is closed however the iteration ends. */
  async *rows<T>(query: (store: MongoStore) => AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* query(this.opened());
      this.health.succeeded('reads');
    } catch (error) {
      throw this.recordFailure('reads', error);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.listIndexes.close();
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    await this.connecting;
    const { connection } = this;
    this.connection = undefined;
    this.store = undefined;
    await connection?.destroy();
  }

  private opened(): MongoStore {
    if (this.store) return this.store;
    const problem = this.closed ? 'closed' : 'not connected yet';
    throw new DependencyUnavailable('store', new mongo.MongoNotConnectedError(problem));
  }

  private recordFailure(part: Part, error: unknown): unknown {
    const translated = portError(error);
    if (translated instanceof DependencyUnavailable && this.store) {
      this.health.failed(part, errorKind(translated), systemCode(translated));
      this.recheckLater(part);
    }
    return translated;
  }

  /** Probes a failing part, so that a process that makes no more calls of that kind notices the recovery. */
  private recheckLater(part: Part): void {
    this.later(part, RECHECK_MS, () => {
      if (!this.health.isFailing(part)) return;
      // `use` records the result.
      this.use(part, part === 'writes' ? probeWrites : probeReads).catch(() => undefined);
    });
  }

  private retryLater(attempt: number): void {
    this.later('connect', Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)), () => {
      void this.connect().then(() => {
        if (this.store === undefined && this.standalone === undefined) this.retryLater(attempt + 1);
      });
    });
  }

  private later(name: string, delayMs: number, callback: () => void): void {
    if (this.closed || this.timers.has(name)) return;
    const cancel = this.clock.after(delayMs, () => {
      this.timers.delete(name);
      callback();
    });
    this.timers.set(name, cancel);
  }

  private connect(): Promise<void> {
    const client = newClient(this.settings.uri, this.settings.selectionTimeoutMs ?? SELECTION_TIMEOUT_MS, {
      primary: (found) => {
        this.sawPrimary(found);
      },
      standalone: (error) => {
        this.foundStandalone(error);
      },
    });
    this.connecting = this.open(client);
    return this.connecting;
  }

  private async open(client: mongo.MongoClient): Promise<void> {
    try {
      await client.connect();
      if (this.standalone) throw this.standalone;
      const connection = createConnection().setClient(client);
      await createCollections(connection);
      const db = client.db();
      const messages = db.collection<MessageDocument>(MESSAGES);
      await this.listIndexes.prepare(messages);
      this.store = {
        client,
        transactions: new Transactions(client, this.clock),
        messages,
        inboxes: db.collection(INBOXES),
        readers: db.collection(READERS),
        positions: db.collection(POSITIONS),
        replays: db.collection(REPLAYS),
        alerts: db.collection(ALERTS),
        groupCounts: db.collection(GROUP_COUNTS),
        apiKeys: db.collection(API_KEYS),
      };
      this.connection = connection;
      this.health.succeeded('server');
    } catch (error) {
      await client.close();
      this.health.failed('server', errorKind(error), systemCode(error));
      this.logger.debug('store.connect-failed', { kind: errorKind(error), error });
    }
  }

  private sawPrimary(found: boolean): void {
    if (this.closed) return;
    if (!found) this.health.lostPrimary();
    else if (this.store) this.health.succeeded('server');
  }

  private foundStandalone(error: StandaloneServer): void {
    if (this.closed || this.standalone) return;
    this.standalone = error;
    this.health.failed('server', error.name);
    if (this.started) this.onStandalone(error);
  }
}
