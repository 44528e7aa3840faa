import { DockerKafka, DockerMongo } from '../stack/docker-server.js';
import { LocalKafka } from '../stack/local-kafka.js';
import { LocalMongo } from '../stack/local-mongo.js';
import { serverKind } from '../stack/availability.js';
import type { Server } from '../stack/server.js';

/** The servers that the integration and end-to-end tests share, or the reason why there are none. */
export class TestStack {
  private constructor(
    readonly env: Readonly<Record<string, string>>,
    private readonly servers: readonly Server[],
  ) {}

  static async start(): Promise<TestStack | { readonly missing: string }> {
    const kafka = process.env['POSTRIDER_TEST_KAFKA'];
    const mongodb = process.env['POSTRIDER_TEST_MONGODB'];
    if (kafka !== undefined && mongodb !== undefined) return new TestStack({}, []);
    const kind = await serverKind();
    if (typeof kind !== 'string') return kind;
    const servers: Server[] =
      kind === 'docker'
        ? [await DockerKafka.create(), await DockerMongo.create()]
        : [await LocalKafka.create(), await LocalMongo.create()];
    try {
      await Promise.all(servers.map((server) => server.start()));
    } catch (error) {
      await Promise.all(servers.map((server) => server.remove()));
      return { missing: `a start of the servers that succeeds (${String(error)})` };
    }
    const [log, store] = servers.map(({ address }) => address);
    return new TestStack({ POSTRIDER_TEST_KAFKA: log ?? '', POSTRIDER_TEST_MONGODB: store ?? '' }, servers);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.remove()));
  }
}
