import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Clock } from '../../../application/ports/clock.js';
import { expressPrototypes } from './express-prototypes.js';

export interface HttpServerSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long requests under way may take when it stops. */
  readonly drainTimeoutMs: number;
}

// Longer than the minute that load balancers keep connections: who closes first must not be the one who is written to.
const KEEP_ALIVE_MS = 65_000;
const REQUEST_TIMEOUT_MS = 60_000;
const IDLE_CHECK_MS = 50;

/** The program's one HTTP server, from listening to the last answer. */
export class HttpServer {
  private readonly server: Server;
  private stopping: Promise<void> | undefined;

  constructor(
    app: Express,
    private readonly settings: HttpServerSettings,
    private readonly clock: Clock,
  ) {
    const timeouts = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS };
    this.server = createServer({ ...timeouts, ...expressPrototypes(app) }, (request, response) => {
      if (this.stopping) response.shouldKeepAlive = false;
      app(request, response);
    });
  }

  /** The port it listens on. */
  get port(): number {
    // Listening on TCP, it has one.
    return (this.server.address() as AddressInfo).port;
  }

  /** Rejects where the address can't be listened on. */
  start(): Promise<void> {
    const { host, port } = this.settings;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Listens no more, lets requests under way finish, and cuts what is left at the deadline. May be called twice. */
  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  private drain(): Promise<void> {
    return new Promise((resolve) => {
      const cancelDeadline = this.clock.after(this.settings.drainTimeoutMs, () => {
        this.server.closeAllConnections();
      });
      // A connection whose request ends while the server stops is idle from then on, and would be kept for the next.
      let cancelCheck = (): void => undefined;
      const closeIdle = (): void => {
        this.server.closeIdleConnections();
        cancelCheck = this.clock.after(IDLE_CHECK_MS, closeIdle);
      };
      this.server.close(() => {
        cancelDeadline();
        cancelCheck();
        resolve();
      });
      closeIdle();
    });
  }
}
