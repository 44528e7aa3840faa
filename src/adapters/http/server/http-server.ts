import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createServer as createListener, type AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Clock } from '../../../application/ports/clock.js';
import { every, type Repetition } from '../../../application/timing.js';
import { expressPrototypes } from './express-prototypes.js';
import type { ServerCertificate } from './server-certificate.js';

export interface HttpServerSettings {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** How long open requests may take once the server stops. */
  readonly drainTimeoutMs: number;
  /** With a certificate, the server speaks only HTTPS. */
  readonly certificate?: ServerCertificate;
}

// Longer than the 60 s of load balancers: if this server closed first, the balancer could be sending a request already.
const KEEP_ALIVE_MS = 65_000;
const REQUEST_TIMEOUT_MS = 60_000;
const IDLE_CHECK_MS = 50;
const CERTIFICATE_CHECK_MS = 60_000;

/** The HTTP server of the process. */
export class HttpServer {
  private readonly server: Server | TlsServer;
  private certificateChecks: Repetition | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    app: Express,
    private readonly settings: HttpServerSettings,
    private readonly clock: Clock,
  ) {
    const timeouts = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS };
    const options = { ...timeouts, ...expressPrototypes(app) };
    const onRequest: RequestListener = (request, response) => {
      if (this.stopping) response.shouldKeepAlive = false;
      app(request, response);
    };
    const { certificate } = settings;
    if (certificate) this.server = this.createTlsServer(options, certificate, onRequest);
    else this.server = createServer(options, onRequest);
  }

  /** The port it listens on. */
  get port(): number {
    // A server that listens on TCP has an AddressInfo.
    return (this.server.address() as AddressInfo).port;
  }

  /** Listens on the address for a moment, before the server can answer. Rejects if that is not possible. */
  probe(): Promise<void> {
    const { host, port } = this.settings;
    return new Promise((resolve, reject) => {
      const listener = createListener((socket) => socket.destroy());
      listener.once('error', reject);
      listener.listen(port, host, () =>
        listener.close(() => {
          resolve();
        }),
      );
    });
  }

  /** Rejects if the server cannot listen on the address. */
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

  /**
   * Stops listening, lets open requests finish, and closes the remaining connections at the deadline. May be called
   * twice.
   */
  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  private createTlsServer(
    options: ServerOptions,
    certificate: ServerCertificate,
    onRequest: RequestListener,
  ): TlsServer {
    const server = createTlsServer({ ...options, ...certificate.current }, onRequest);
    const check = (): void => {
      const pair = certificate.renewed();
      // Open connections keep the certificate with which they began.
      if (pair) server.setSecureContext(pair);
    };
    server.once('listening', () => {
      this.certificateChecks = every(this.clock, CERTIFICATE_CHECK_MS, check, CERTIFICATE_CHECK_MS);
    });
    return server;
  }

  private drain(): Promise<void> {
    void this.certificateChecks?.stop();
    return new Promise((resolve) => {
      const cancelDeadline = this.clock.after(this.settings.drainTimeoutMs, () => {
        this.server.closeAllConnections();
      });
      // A connection whose request ends during the stop becomes idle, and Node would keep it open for another request.
      const checks = every(this.clock, IDLE_CHECK_MS, () => {
        this.server.closeIdleConnections();
      });
      this.server.close(() => {
        cancelDeadline();
        void checks.stop();
        resolve();
      });
    });
  }
}
