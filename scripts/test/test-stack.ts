import { serverKind } from '../stack/availability.js';
import { newKafka, newMongo } from '../stack/servers.js';
import type { Server } from '../stack/server.js';

/** The servers that the integration and end-to-end tests share. */
export class TestStack {
  private constructor(
    readonly env: Readonly<Record<string, string>>,
    private readonly servers: readonly Server[],
  ) {}

  /**
   * Uses the servers named by variables, or starts some. If this machine cannot start any, resolves with what
   * is missing.
   */
  static async start(): Promise<TestStack | { readonly missing: string }> {
    const kafka = process.env['POSTRIDER_TEST_KAFKA'];
    const mongodb = process.env['POSTRIDER_TEST_MONGODB'];
    if (kafka !== undefined && mongodb !== undefined) return new TestStack({}, []);
    const kind = await serverKind();
    if (typeof kind !== 'string') return kind;
    process.env['POSTRIDER_SERVERS'] = kind;
    console.log(`\nStarting Kafka and MongoDB (${kind}; the first start downloads them) ...`);
    const servers = [await newKafka(), await newMongo()] as const;
    const stack = new TestStack(
      {
        POSTRIDER_SERVERS: kind,
        POSTRIDER_TEST_KAFKA: servers[0].address,
        POSTRIDER_TEST_MONGODB: servers[1].address,
      },
      servers,
    );
    const [failure] = (await Promise.allSettled(servers.map((server) => server.start()))).filter(isRejected);
    if (failure === undefined) return stack;
    await stack.stop();
    return { missing: `servers that start (${String(failure.reason)})` };
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.servers.map((server) => server.remove()));
  }
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}
