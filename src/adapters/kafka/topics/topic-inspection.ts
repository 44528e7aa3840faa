import type { Logger } from '../../../application/ports/telemetry.js';
import { CompactedTopic } from './compacted-topic.js';
import { errorKind, isForbidden } from '../kafka-errors.js';
import type { KafkaHealth } from '../kafka-health.js';
import { describeTopic, isCompacted, type ConfigAdmin, type TopicConfig } from './topic-config.js';
import { risks, weaknesses, type PlannedTopic, type Weakness } from './topic-plan.js';

/** The part of kafkajs's admin client that the inspection uses. */
export interface InspectingAdmin extends ConfigAdmin {
  describeCluster(): Promise<{ readonly brokers: readonly unknown[] }>;
  fetchTopicMetadata(options: { topics: string[] }): Promise<{
    readonly topics: readonly { readonly partitions: readonly { readonly replicas: readonly number[] }[] }[];
  }>;
}

/** The connection checks the brokers every 5 s, so a setting that an operator changes is noticed within a minute. */
const INSPECT_EVERY_POLLS = 12;

/** Compares existing topics with the plan. Logs each weaker setting once, and reports risky ones as health warnings. */
export class TopicInspection {
  private readonly pollsLeft = new Map<string, number>();
  private readonly warned = new Set<string>();

  constructor(
    private readonly health: Pick<KafkaHealth, 'setWarnings'>,
    private readonly logger: Logger,
  ) {}

  /** Must be called at every check of the brokers. Rejects only with `CompactedTopic`. */
  async run(admin: InspectingAdmin, plans: readonly PlannedTopic[]): Promise<void> {
    for (const plan of plans) {
      const left = this.pollsLeft.get(plan.name) ?? 0;
      if (left > 0) this.pollsLeft.set(plan.name, left - 1);
      else if (await this.inspect(admin, plan)) this.pollsLeft.set(plan.name, INSPECT_EVERY_POLLS - 1);
    }
  }

  /** Resolves with false if the inspection failed and should be repeated at the next check. */
  private async inspect(admin: InspectingAdmin, plan: PlannedTopic): Promise<boolean> {
    try {
      const config = await this.configOf(admin, plan.name);
      const policy = config['cleanup.policy'] ?? '';
      if (isCompacted(policy)) throw new CompactedTopic(plan.name, policy);
      const { brokers } = await admin.describeCluster();
      const actual = { brokers: brokers.length, replication: await replicationOf(admin, plan.name), config };
      this.report(plan.name, weaknesses(plan, actual), risks(actual));
      return true;
    } catch (error) {
      if (error instanceof CompactedTopic) throw error;
      this.warnNotInspected(plan.name, error);
      return false;
    }
  }

  private async configOf(admin: InspectingAdmin, topic: string): Promise<TopicConfig> {
    try {
      return await describeTopic(admin, topic);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.warnNotInspected(topic, error);
      return {};
    }
  }

  private report(topic: string, weak: readonly Weakness[], risky: readonly Weakness[]): void {
    const more = risky.filter(({ setting }) => !weak.some((found) => found.setting === setting));
    for (const weakness of [...weak, ...more]) {
      this.warnOnce('log.topic-weak', { topic, ...weakness });
    }
    this.health.setWarnings(
      topic,
      risky.map(({ setting, is, advised }) => `${topic}: ${setting} is ${is}, ${advised} is advised`),
    );
  }

  private warnNotInspected(topic: string, error: unknown): void {
    this.warnOnce('log.topic-not-inspected', { topic, kind: errorKind(error) });
  }

  private warnOnce(event: string, fields: Readonly<Record<string, string>>): void {
    const line = JSON.stringify([event, fields]);
    if (!this.warned.has(line)) this.logger.warn(event, fields);
    this.warned.add(line);
  }
}

/** Returns the number of replicas of the partition that has the fewest. */
async function replicationOf(admin: InspectingAdmin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return Math.min(...topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length)));
}
