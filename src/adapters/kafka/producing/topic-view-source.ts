import type { Admin } from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';
import { disconnect, openClient, type KafkaClient } from '../client/kafka-client.js';
import type { KafkaClientSettings } from '../kafka-settings.js';
import type { TopicView, ViewSource } from './partition-leaders.js';

const REQUEST_TIMEOUT_MS = 1_000;
const RETRY = { retries: 0 };

/** Asks one broker for a topic's metadata. Connects to no other broker. */
export class TopicViewSource implements ViewSource {
  private readonly client: KafkaClient;
  private readonly admin: Admin;
  private connected: Promise<void> | undefined;
  private brokers = new Map<number, string>();

  constructor(
    settings: KafkaClientSettings,
    address: string,
    private readonly topic: string,
    logger: Logger,
  ) {
    this.client = openClient(settings, logger, {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      retry: RETRY,
      onlyBroker: address,
    });
    this.admin = this.client.kafka.admin({ retry: RETRY });
  }

  async ask(): Promise<TopicView> {
    this.connected ??= this.admin.connect();
    await this.connected;
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [this.topic] });
    const partitions = topics[0]?.partitions ?? [];
    const led = partitions.filter(({ leader }) => leader >= 0);
    if (led.some(({ leader }) => !this.brokers.has(leader))) await this.askForBrokers();
    const leaders = new Map<number, string>();
    for (const { partitionId, leader } of led) {
      const address = this.brokers.get(leader);
      if (address !== undefined) leaders.set(partitionId, address);
    }
    return { partitions: partitions.length, leaders, brokers: [...this.brokers.values()] };
  }

  close(): Promise<void> {
    return disconnect(this.admin, this.client, this.connected);
  }

  private async askForBrokers(): Promise<void> {
    const { brokers } = await this.admin.describeCluster();
    this.brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${String(port)}`]));
  }
}
