import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TrafficOptions {
  /** One send at a time, so that the url can change during the run. */
  readonly url: () => string;
  readonly recipients?: number;
  /** Delay between two sends to one recipient. */
  readonly pauseMs?: number;
  readonly maxPerRecipient?: number;
}

/** Clients that each send one message after the other to their own recipient until told to stop. */
export class Traffic {
  /** By recipient, in the order of the responses. */
  readonly acknowledged = new Map<string, string[]>();
  /** The number of sends with another response, or none. */
  unacknowledged = 0;
  private readonly agent = new Agent({ keepAlive: true });
  private readonly senders: Promise<void>[];
  private stopped = false;

  constructor(private readonly options: TrafficOptions) {
    const { recipients = 20 } = options;
    this.senders = Array.from({ length: recipients }, async (_, n) => {
      await this.sendTo(`client-${String(n)}`);
    });
  }

  get count(): number {
    return [...this.acknowledged.values()].reduce((sum, texts) => sum + texts.length, 0);
  }

  /** Resolves when this many more sends have been acknowledged. */
  async more(count: number, timeoutMs = 60_000): Promise<void> {
    const target = this.count + count;
    const deadline = Date.now() + timeoutMs;
    while (this.count < target) {
      if (Date.now() > deadline) throw new Error(`${String(this.count)} acknowledged of ${String(target)}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.senders);
    this.agent.destroy();
  }

  private async sendTo(to: string): Promise<void> {
    const { pauseMs = 5, maxPerRecipient = 20_000 } = this.options;
    const texts: string[] = [];
    this.acknowledged.set(to, texts);
    for (let n = 0; !this.stopped && n < maxPerRecipient; n += 1) {
      const text = `${to} number ${String(n)}`;
      if (await this.send({ from: 'load', to, message: text })) texts.push(text);
      else this.unacknowledged += 1;
      await sleep(pauseMs);
    }
  }

  private send(message: object): Promise<boolean> {
    const body = JSON.stringify(message);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      const fail = (): void => {
        resolve(false);
      };
      const sending = request(`${this.options.url()}/send-message`, {
        method: 'POST',
        agent: this.agent,
        headers,
      });
      sending.on('error', fail).on('response', (response) => {
        response.on('error', fail).resume();
        response.on('end', () => {
          resolve(response.statusCode === 201);
        });
      });
      sending.setTimeout(15_000, () => sending.destroy()).end(body);
    });
  }
}
