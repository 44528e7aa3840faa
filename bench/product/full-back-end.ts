import { randomUUID } from 'node:crypto';
import type { Results } from '../report/results.js';
import type { Resources } from '../resources.js';
import { SentMessages } from '../sent-messages.js';
import type { BenchServers } from '../servers/bench-servers.js';
import { deleteTopics } from '../servers/topics.js';
import { PARTITIONS } from '../sizes.js';
import { ProductProcess, type ProgramEnv } from './product-process.js';
import { StoredMessages } from './stored-messages.js';

const DRAIN_TIMEOUT_MS = 180_000;
/** How long to wait for duplicates, which would be stored shortly afterwards. */
const DUPLICATE_WAIT_MS = 300;

/** New topics, groups and a database on the servers, deleted when the resources are closed. */
export class FullBackEnd {
  readonly sent = new SentMessages();
  readonly stored: StoredMessages;
  readonly uri: string;

  private constructor(
    private readonly resources: Resources,
    private readonly servers: BenchServers,
    private readonly name: string,
  ) {
    this.uri = `${servers.mongodb}/${name}?directConnection=true`;
    this.stored = new StoredMessages(this.uri);
  }

  static create(resources: Resources, servers: BenchServers): FullBackEnd {
    const name = `postrider-bench-${randomUUID().slice(0, 8)}`;
    return resources.add(new FullBackEnd(resources, servers, name), (backEnd) => backEnd.remove());
  }

  get topic(): string {
    return this.name;
  }

  startApi(env: ProgramEnv = {}): Promise<ProductProcess> {
    return this.start({ ROLES: 'api', ...env });
  }

  startReceiver(): Promise<ProductProcess> {
    return this.start({ ROLES: 'receiver' });
  }

  /**
   * Waits until all acknowledged messages are stored, and records missing and duplicate ones. Resolves with
   * the number of both.
   */
  async check(results: Results, what: string): Promise<number> {
    await this.stored.waitForCount(this.sent.acknowledged, DRAIN_TIMEOUT_MS).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, DUPLICATE_WAIT_MS));
    const { missing, duplicates } = this.sent.compare(await this.stored.countByNumber());
    const ofAcknowledged = `of ${this.sent.acknowledged} acknowledged messages`;
    if (missing > 0) results.failures.push(`${what}: ${missing} ${ofAcknowledged} are not stored.`);
    if (duplicates > 0)
      results.failures.push(`${what}: ${duplicates} ${ofAcknowledged} are stored more than once.`);
    return missing + duplicates;
  }

  private start(env: ProgramEnv): Promise<ProductProcess> {
    return ProductProcess.start(this.resources, {
      KAFKA_BROKER: this.servers.kafka,
      MONGODB_URI: this.uri,
      KAFKA_TOPIC: this.name,
      KAFKA_DLQ_TOPIC: `${this.name}-dlq`,
      KAFKA_GROUP_PREFIX: this.name,
      KAFKA_PARTITIONS: String(PARTITIONS),
      ...env,
    });
  }

  private async remove(): Promise<void> {
    await this.stored.drop().catch(() => undefined);
    await this.stored.close();
    await deleteTopics(this.servers.kafka, [this.name, `${this.name}-dlq`]);
  }
}
