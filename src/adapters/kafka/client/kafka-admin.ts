import type { Admin } from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';
import { disconnect, openClient, type KafkaClient } from './kafka-client.js';
import type { KafkaClientSettings } from '../kafka-settings.js';

const REQUEST_TIMEOUT_MS = 5_000;
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 };

interface Opened {
  readonly client: KafkaClient;
  readonly admin: Admin;
  readonly connected: Promise<void>;
}

/** Runs requests on one admin client, which it replaces after an error. */
export class KafkaAdmin {
  private opened: Opened | undefined;
  private closed = false;

  constructor(
    private readonly settings: KafkaClientSettings,
    private readonly logger: Logger,
  ) {}

  /** Connects if necessary and runs `work`. Rejects with the error of the connection or of `work`. */
  async ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.closed) throw new Error('The connection is closed');
    const opened = (this.opened ??= this.open());
    try {
      await opened.connected;
      return await work(opened.admin);
    } catch (error) {
      if (this.opened === opened) this.opened = undefined;
      void disconnect(opened.admin, opened.client);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const { opened } = this;
    this.opened = undefined;
    if (opened) await disconnect(opened.admin, opened.client);
  }

  private open(): Opened {
    const client = openClient(this.settings, this.logger, {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      retry: RETRY,
    });
    const admin = client.kafka.admin({ retry: RETRY });
    return { client, admin, connected: admin.connect() };
  }
}
