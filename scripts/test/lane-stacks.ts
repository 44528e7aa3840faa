import { newKafka, newMongo } from '../stack/servers.js';
import type { Server } from '../stack/server.js';

interface Stack {
  readonly env: Readonly<Record<string, string>>;
  readonly servers: readonly Server[];
}

/** Reports whether variables name the servers that the tests use. */
export function areServersGiven(): boolean {
  return (
    process.env['POSTRIDER_TEST_KAFKA'] !== undefined && process.env['POSTRIDER_TEST_MONGODB'] !== undefined
  );
}

/** A Kafka and a MongoDB for each lane, started when its first test needs them. */
export class LaneStacks {
  private readonly stacks = new Map<number, Promise<Stack>>();
  /** One stack starts after another, because the first start may download the servers. */
  private started: Promise<unknown> = Promise.resolve();

  /** The variables that name the lane's servers. Rejects if they do not start. */
  async envOf(lane: number): Promise<Readonly<Record<string, string>>> {
    if (areServersGiven()) return {};
    let stack = this.stacks.get(lane);
    if (stack === undefined) {
      stack = this.started.then(startStack);
      this.stacks.set(lane, stack);
      this.started = stack.catch(() => undefined);
    }
    return (await stack).env;
  }

  async stop(): Promise<void> {
    const stacks = await Promise.allSettled(this.stacks.values());
    const servers = stacks.flatMap((stack) => (stack.status === 'fulfilled' ? stack.value.servers : []));
    await Promise.allSettled(servers.map((server) => server.remove()));
  }
}

async function startStack(): Promise<Stack> {
  const [kafka, mongodb] = [await newKafka(), await newMongo()];
  const servers = [kafka, mongodb];
  const starts = await Promise.allSettled(servers.map((server) => server.start()));
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure !== undefined) {
    await Promise.allSettled(servers.map((server) => server.remove()));
    throw new Error('Kafka or MongoDB did not start.', { cause: failure.reason });
  }
  return { env: { POSTRIDER_TEST_KAFKA: kafka.address, POSTRIDER_TEST_MONGODB: mongodb.address }, servers };
}
