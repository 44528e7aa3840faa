import type { Admin } from 'kafkajs';
import type { DependencyHealth, DependencyStatus } from '../../application/ports/dependency-health.js';
import type { Logger } from '../../application/ports/telemetry.js';
import type { FeedTopic } from '../../application/ports/record-feed.js';
import type { Clock } from '../../application/ports/clock.js';
import type { TopicLayout } from '../../domain/delivery/partition-check.js';
import { every, type Repetition } from '../../application/timing.js';
import { KafkaBatchProducer, type LeaderOptions } from './producing/batch-producer.js';
import { CompactedTopic } from './topics/compacted-topic.js';
import { KafkaAdmin } from './client/kafka-admin.js';
import { brokerOf, errorKind } from './kafka-errors.js';
import { KafkaHealth } from './kafka-health.js';
import type { PartitionedLogParts } from './producing/kafka-partitioned-log.js';
import type { KafkaLogParts } from './producing/kafka-record-log.js';
import type { KafkaSettings } from './kafka-settings.js';
import { KafkaTopics } from './topics/kafka-topics.js';
import { fetchWatermarks, unavailablePartitions, type TopicWatermarks } from './topics/watermarks.js';
import { PartitionLeaders } from './producing/partition-leaders.js';
import { TopicInspection } from './topics/topic-inspection.js';
import { TopicViewSource } from './producing/topic-view-source.js';

export interface ConnectionListeners {
  /** Called at each check that finds a compacted topic, which must not be used. */
  readonly onCompactedTopic: (error: CompactedTopic) => void;
  /** Called after each check of the message topic. */
  readonly onMessageLayout?: (layout: TopicLayout) => void;
}

const POLL_MS = 5_000;
const POLL_WHEN_DOWN_MS = 1_000;

/**
 * Holds the Kafka settings, the health and the admin client, which all Kafka adapters of this process share. Checks
 * the leader and the watermarks of each partition every few seconds, and creates missing topics at the first contact.
 */
export class KafkaConnection implements DependencyHealth {
  readonly dependency = 'log';
  readonly health: KafkaHealth;
  private readonly admin: KafkaAdmin;
  private readonly topics: KafkaTopics;
  private readonly watermarks = new Map<string, TopicWatermarks>();
  private polls: Repetition | undefined;
  private closed = false;

  constructor(
    readonly settings: KafkaSettings,
    readonly clock: Clock,
    readonly logger: Logger,
    private readonly listeners: ConnectionListeners,
  ) {
    this.health = new KafkaHealth(clock, logger, `Kafka at ${settings.brokers.join(',')}`);
    this.admin = new KafkaAdmin(settings, logger);
    this.topics = new KafkaTopics(settings, new TopicInspection(this.health, logger), logger, clock);
  }

  /** Starts the checks in the background, so that the process also starts while Kafka is unreachable. */
  start(): void {
    this.polls = every(this.clock, POLL_MS, () => this.poll());
  }

  async close(): Promise<void> {
    this.closed = true;
    // A poll in flight ends with the admin client.
    void this.polls?.stop();
    await this.admin.close();
  }

  status(): DependencyStatus {
    return this.health.status();
  }

  topicName(topic: FeedTopic['topic']): string {
    const { messages, deadLetters } = this.settings.topics;
    return topic === 'messages' ? messages : deadLetters;
  }

  /** Returns the dependencies of a `KafkaRecordLog` for this topic. */
  writing(topic: FeedTopic['topic']): KafkaLogParts {
    const { settings, health, clock, logger } = this;
    const newProducer = () => new KafkaBatchProducer(settings, this.topicName(topic), logger);
    return { newProducer, health, clock };
  }

  /** Returns the dependencies of a `KafkaPartitionedLog` for this topic. */
  partitionedWriting(topic: FeedTopic['topic']): PartitionedLogParts {
    const { settings, health, clock, logger } = this;
    const name = this.topicName(topic);
    const open = (address: string) => new TopicViewSource(settings, address, name, logger);
    const leaders = new PartitionLeaders(open, settings.brokers, clock);
    const newProducer = (options: LeaderOptions) => new KafkaBatchProducer(settings, name, logger, options);
    return { leaders, newProducer, health, clock };
  }

  ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    return this.admin.ask(work);
  }

  /** Returns the topic's watermarks from the last successful check. */
  lastWatermarks(topic: string): TopicWatermarks | undefined {
    return this.watermarks.get(topic);
  }

  /** Resolves with the pause before the next poll. */
  private async poll(): Promise<number> {
    const { messages, deadLetters } = this.settings.topics;
    try {
      await this.admin.ask(async (admin) => {
        await this.topics.ensure(admin);
        const layout = await this.pollTopic(admin, messages);
        this.listeners.onMessageLayout?.(layout);
        await this.pollTopic(admin, deadLetters);
      });
      this.health.succeeded('brokers');
    } catch (error) {
      if (!this.closed) this.health.failed('brokers', errorKind(error), brokerOf(error));
      if (error instanceof CompactedTopic) this.listeners.onCompactedTopic(error);
    }
    return this.health.brokersAnswer ? POLL_MS : POLL_WHEN_DOWN_MS;
  }

  private async pollTopic(admin: Admin, topic: string): Promise<TopicLayout> {
    const watermarks = await fetchWatermarks(admin, topic);
    const unavailable = await unavailablePartitions(admin, topic, watermarks);
    this.health.setUnavailable(topic, unavailable);
    this.watermarks.set(topic, watermarks);
    const ends = new Map([...watermarks].map(([partition, { high }]) => [partition, high]));
    return { partitions: watermarks.size + unavailable.length, ends };
  }
}
