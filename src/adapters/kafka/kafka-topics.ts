import type { Admin } from 'kafkajs';
import type { Logger } from '../../application/ports/logger.js';
import { errorKind } from './kafka-errors.js';
import type { KafkaSettings } from './kafka-settings.js';
import { describeTopic } from './topic-config.js';
import { planTopics, weaknesses, type ActualTopic, type PlannedTopic } from './topic-plan.js';

/** Sees to it that both topics are there. What exists is never altered; what is weaker than advised is told once. */
export class KafkaTopics {
  private readonly unseen: Set<PlannedTopic>;
  private readonly told = new Set<string>();

  constructor(
    private readonly settings: KafkaSettings,
    private readonly logger: Logger,
  ) {
    this.unseen = new Set(planTopics(settings));
  }

  /** Creates what is missing and looks at what is there, each topic once. To be called again until it resolves. */
  async ensure(admin: Admin): Promise<void> {
    if (this.unseen.size === 0) return;
    const existing = new Set(await admin.listTopics());
    for (const plan of this.unseen) {
      if (existing.has(plan.name)) await this.inspect(admin, plan);
      else if (this.settings.createTopics) await this.create(admin, plan);
      else this.warnOnce('log.topic-missing', plan.name, 'KAFKA_CREATE_TOPICS=false');
      if (existing.has(plan.name) || this.settings.createTopics) this.unseen.delete(plan);
    }
  }

  private async create(admin: Admin, { name, partitions, replication, config }: PlannedTopic): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const topic = { topic: name, numPartitions: partitions, replicationFactor: replication, configEntries };
    try {
      // False where another process has been quicker.
      const created = await admin.createTopics({ topics: [topic], waitForLeaders: true });
      if (created) this.logger.info('log.topic-created', { topic: name, partitions, replication });
    } catch (error) {
      this.warnOnce('log.topic-not-created', name, errorKind(error));
      throw error;
    }
  }

  private async inspect(admin: Admin, plan: PlannedTopic): Promise<void> {
    try {
      for (const weakness of weaknesses(plan, await actual(admin, plan.name)))
        this.logger.warn('log.topic-weak', { topic: plan.name, ...weakness });
    } catch (error) {
      // The rights to look at a topic are not needed to use it.
      this.logger.info('log.topic-not-inspected', { topic: plan.name, kind: errorKind(error) });
    }
  }

  private warnOnce(event: string, topic: string, kind: string): void {
    const line = `${event} ${topic} ${kind}`;
    if (!this.told.has(line)) this.logger.warn(event, { topic, kind });
    this.told.add(line);
  }
}

async function actual(admin: Admin, topic: string): Promise<ActualTopic> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const replicas = topics.flatMap(({ partitions }) =>
    partitions.map((partition) => partition.replicas.length),
  );
  return { replication: Math.min(...replicas), config: await describeTopic(admin, topic) };
}
