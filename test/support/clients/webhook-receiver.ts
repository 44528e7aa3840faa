import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ReceivedAlert {
  readonly at: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the receiver does with a request after it has recorded it. */
export type Behaviour = number | 'hangs' | 'cuts';

export const WEBHOOK_KEY = Buffer.from('a key that both sides know of');
export const WEBHOOK_SECRET = `whsec_${WEBHOOK_KEY.toString('base64')}`;

/** A webhook receiver on its own port, as reliable as the test says. */
export class WebhookReceiver {
  readonly received: ReceivedAlert[] = [];
  behaviour: Behaviour = 204;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(port = 0): Promise<WebhookReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    // A server that listens on a port has an address of that kind.
    const receiver = new WebhookReceiver(server, (server.address() as AddressInfo).port);
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        receiver.record(request.url ?? '', request.headers, body.toString());
        receiver.respond(response);
      });
    });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}/hook?to=us`;
  }

  /** The types of the accepted alerts, in order. */
  types(): string[] {
    return this.received.map(({ type }) => type);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private record(path: string, headers: IncomingHttpHeaders, text: string): void {
    const { type, data } = JSON.parse(text) as Pick<ReceivedAlert, 'type' | 'data'>;
    this.received.push({ at: Date.now(), path, headers, text, type, data });
  }

  private respond(response: ServerResponse): void {
    if (this.behaviour === 'cuts') response.destroy();
    else if (this.behaviour !== 'hangs') response.writeHead(this.behaviour, LOCATION).end('thanks');
  }
}

/** Verifies a signature as the standard describes it, without the program's code. */
export function isSigned({ headers, text }: ReceivedAlert): boolean {
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map(
    (part) => headers[`webhook-${part}`],
  );
  const signed = [id, timestamp, text].map(String).join('.');
  return signature === `v1,${createHmac('sha256', WEBHOOK_KEY).update(signed).digest('base64')}`;
}

const LOCATION = { location: '/elsewhere' };
