import type { Admin } from 'kafkajs';
import type { Logger } from '../../../application/ports/logger.js';
import { errorKind } from '../kafka-errors.js';
import type { KafkaSettings } from '../kafka-settings.js';
import type { TopicInspection } from './topic-inspection.js';
import { planTopics, type PlannedTopic } from './topic-plan.js';

/** Sees to it that both topics are there, and has them inspected. What exists is never altered. */
export class KafkaTopics {
  private readonly plans: readonly PlannedTopic[];
  private readonly unseen: Set<PlannedTopic>;
  private readonly told = new Set<string>();

  constructor(
    private readonly settings: KafkaSettings,
    private readonly inspection: TopicInspection,
    private readonly logger: Logger,
  ) {
    this.plans = planTopics(settings);
    this.unseen = new Set(this.plans);
  }

  /** To be called at every look at the brokers. Rejects with `CompactedTopic` for a topic that deletes messages. */
  async ensure(admin: Admin): Promise<void> {
    if (this.unseen.size > 0) await this.createMissing(admin);
    await this.inspection.run(
      admin,
      this.plans.filter((plan) => !this.unseen.has(plan)),
    );
  }

  private async createMissing(admin: Admin): Promise<void> {
    const existing = new Set(await admin.listTopics());
    for (const plan of this.unseen) {
      if (existing.has(plan.name)) this.unseen.delete(plan);
      else if (this.settings.createTopics) await this.create(admin, plan);
      else this.warnOnce('log.topic-missing', plan.name, 'KAFKA_CREATE_TOPICS=false');
      if (this.settings.createTopics) this.unseen.delete(plan);
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

  private warnOnce(event: string, topic: string, kind: string): void {
    const line = `${event} ${topic} ${kind}`;
    if (!this.told.has(line)) this.logger.warn(event, { topic, kind });
    this.told.add(line);
  }
}
