import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AlertNotDelivered, type AlertChannel } from '../../application/ports/alerts.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Alert } from '../../domain/alerts/alert.js';

export interface WebhookSettings {
  readonly url: string;
  /** `whsec_` followed by base64. */
  readonly secret: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Posts alerts to a webhook, signed according to Standard Webhooks
 * (https://github.com/standard-webhooks/standard-webhooks). Does not follow redirects.
 */
export class WebhookAlerts implements AlertChannel {
  private readonly closing = new AbortController();
  private readonly key: Buffer;
  private readonly url: URL;

  constructor(
    { url, secret }: WebhookSettings,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {
    this.url = new URL(url);
    this.key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  }

  async deliver(alert: Alert): Promise<void> {
    const body = bodyOf(alert);
    const timestamp = String(Math.floor(this.clock.now() / 1_000));
    const status = await this.post(body, {
      'webhook-id': alert.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': this.signature(`${alert.id}.${timestamp}.${body}`),
    });
    if (status < 200 || status >= 300) throw new AlertNotDelivered(status);
  }

  close(): void {
    this.closing.abort();
  }

  private signature(signed: string): string {
    return `v1,${createHmac('sha256', this.key).update(signed).digest('base64')}`;
  }

  /** Resolves with the response status. Opens a new connection each time, because alerts are rare. */
  private post(body: string, headers: Readonly<Record<string, string>>): Promise<number> {
    const request = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => {
        reject(new AlertNotDelivered(undefined, cause));
      };
      const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(this.timeoutMs)]);
      const length = String(Buffer.byteLength(body));
      const common = { 'content-type': 'application/json', 'content-length': length };
      const options = { method: 'POST', agent: false, signal, headers: { ...common, ...headers } };
      const outgoing = request(this.url, options, (response) => {
        // Only the status matters: the body is discarded, and an error while it arrives is ignored.
        response.on('error', () => undefined).resume();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', fail).end(body);
    });
  }
}

function bodyOf({ type, at, data }: Alert): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}
