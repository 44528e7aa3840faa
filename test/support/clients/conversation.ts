export interface Send {
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

export type Listed = Send & { readonly _id: string; readonly reason?: string };

const TIMEOUT_MS = 15_000;

/** Talks to a running program as its clients do. */
export class Conversation {
  constructor(private readonly url: string) {}

  /** The status of the response. */
  async send(message: Send): Promise<number> {
    const response = await fetch(`${this.url}/send-message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** All stored messages, once there are this many. */
  storedMessages(count: number): Promise<readonly Listed[]> {
    return this.waitForRows(count, '/messages');
  }

  failedMessages(count: number): Promise<readonly Listed[]> {
    return this.waitForRows(count, '/failed-messages');
  }

  private async waitForRows(count: number, path: string): Promise<readonly Listed[]> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const response = await fetch(`${this.url}${path}`);
      const rows = response.ok ? ((await response.json()) as Listed[]) : [];
      if (rows.length >= count) return rows;
      if (Date.now() > deadline)
        throw new Error(`${path} has ${String(rows.length)} rows, not ${String(count)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
