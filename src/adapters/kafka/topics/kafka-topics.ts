import type { Admin } from 'kafkajs';
import type { Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import { backoff } from '../../../application/timing.js';
import { errorKind } from '../kafka-errors.js';
import type { KafkaSettings } from '../kafka-settings.js';
import type { TopicInspection } from './topic-inspection.js';
import { planTopics, type PlannedTopic } from './topic-plan.js';
import { fetchWatermarks, unavailablePartitions } from './watermarks.js';

/** What brokers answer that have not heard of a new topic yet, or not that they lead it. */
const NOT_LED_YET = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]);
const ASK_AGAIN_MS = 100;
const LED_WITHIN_MS = 5_000;

class LeaderMissing extends Error {}

/** Creates missing topics and has existing ones inspected. Never alters a topic. */
export class KafkaTopics {
  private readonly plans: readonly PlannedTopic[];
  private readonly notFound: Set<PlannedTopic>;
  private readonly warnedLines = new Set<string>();

  constructor(
    private readonly settings: KafkaSettings,
    private readonly inspection: TopicInspection,
    private readonly logger: Logger,
    private readonly clock: Pick<Clock, 'after' | 'elapsed'>,
  ) {
    this.plans = planTopics(settings);
    this.notFound = new Set(this.plans);
  }

  /** Must be called at every check of the brokers. Rejects with `CompactedTopic` if a topic is compacted. */
  async ensure(admin: Admin): Promise<void> {
    if (this.notFound.size > 0) await this.createMissing(admin);
    await this.inspection.run(
      admin,
      this.plans.filter((plan) => !this.notFound.has(plan)),
    );
  }

  private async createMissing(admin: Admin): Promise<void> {
    const existing = new Set(await admin.listTopics());
    for (const plan of this.notFound) {
      if (existing.has(plan.name)) this.notFound.delete(plan);
      else if (this.settings.createTopics) await this.create(admin, plan);
      else this.warnOnce('log.topic-missing', plan.name, 'KAFKA_CREATE_TOPICS=false');
      if (this.settings.createTopics) this.notFound.delete(plan);
    }
  }

  private async create(admin: Admin, { name, partitions, replication, config }: PlannedTopic): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const topic = { topic: name, numPartitions: partitions, replicationFactor: replication, configEntries };
    try {
      // False if another process created the topic first.
      const created = await admin.createTopics({ topics: [topic], waitForLeaders: false });
      if (created) this.logger.info('log.topic-created', { topic: name, partitions, replication });
      await this.untilLed(admin, name);
    } catch (error) {
      this.warnOnce('log.topic-not-created', name, errorKind(error));
      throw error;
    }
  }

  /**
   * Waits until the leaders of all partitions answer. kafkajs's `waitForLeaders` fails if the first broker that it asks
   * has not heard of the topic yet, and does not wait until a leader knows that it is one.
   */
  private async untilLed(admin: Admin, topic: string): Promise<void> {
    const deadline = this.clock.elapsed() + LED_WITHIN_MS;
    const isTimeLeft = (): boolean => this.clock.elapsed() < deadline;
    const ask = async (): Promise<void> => {
      const missing = await unavailablePartitions(admin, topic, await fetchWatermarks(admin, topic));
      // After the deadline they are reported like all partitions without a leader.
      if (missing.length > 0 && isTimeLeft()) throw new LeaderMissing();
    };
    await backoff(ask, {
      clock: this.clock,
      delayMs: () => ASK_AGAIN_MS,
      canBeRetried: (error) =>
        error instanceof LeaderMissing || (NOT_LED_YET.has(errorKind(error)) && isTimeLeft()),
    });
  }

  private warnOnce(event: string, topic: string, kind: string): void {
    const line = `${event} ${topic} ${kind}`;
    if (!this.warnedLines.has(line)) this.logger.warn(event, { topic, kind });
    this.warnedLines.add(line);
  }
}
