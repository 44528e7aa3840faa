import type { Producer } from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { NewRecord } from '../../../application/ports/record-log.js';
import { disconnect, openClient, type KafkaClient } from '../client/kafka-client.js';
import type { KafkaClientSettings } from '../kafka-settings.js';
import { keyPartitioner, placedPartitioner } from './partitioner.js';
import { ProduceGuard } from './produce-guard.js';

/** A record, and the partition that it must go to. */
export interface PlacedRecord extends NewRecord {
  readonly partition: number;
}

/** Options of a producer that connects to one broker only and sends to partitions which that broker leads. */
export interface LeaderOptions {
  readonly leader: string;
  /** How long the broker waits for the in-sync replicas. */
  readonly replicationTimeoutMs?: number;
}

/** Sends one batch at a time, without retrying. Must be discarded after an error, unless a batch was too large. */
export interface BatchProducer {
  /** Resolves when all in-sync replicas have every record; rejects with kafkajs's error. */
  send(records: readonly NewRecord[]): Promise<void>;
  /** Whether records of the latest `send` were handed to the network. */
  readonly hasProduced: boolean;
  /** Blocks further produce requests and closes the connections, by force after a deadline. May be called twice. */
  discard(): Promise<void>;
}

// If a response is lost, the batch is retried after this time. A send has 5 s in total.
const REQUEST_TIMEOUT_MS = 3_000;
const REPLICATION_TIMEOUT_MS = 2_500;
const ALL_IN_SYNC_REPLICAS = -1;

/**
 * Sends with kafkajs's plain producer. Its idempotent producer reuses the sequence number of a batch whose response
 * was lost, so the broker acknowledges the next batch as a duplicate without storing it.
 */
export class KafkaBatchProducer implements BatchProducer {
  private readonly guard = new ProduceGuard();
  private readonly client: KafkaClient;
  private readonly producer: Producer;
  private readonly replicationTimeoutMs: number;
  private connected: Promise<void> | undefined;
  private discarded: Promise<void> | undefined;

  constructor(
    settings: KafkaClientSettings,
    private readonly topic: string,
    logger: Logger,
    { leader, replicationTimeoutMs = REPLICATION_TIMEOUT_MS }: Partial<LeaderOptions> = {},
  ) {
    this.replicationTimeoutMs = replicationTimeoutMs;
    // kafkajs tries each configured broker once. The caller retries the batch.
    const retries = leader === undefined ? settings.brokers.length - 1 : 0;
    const retry = { retries, initialRetryTime: 50, maxRetryTime: 200 };
    const { mayPass } = this.guard;
    this.client = openClient(settings, logger, {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      retry,
      mayPass,
      ...(leader !== undefined && { onlyBroker: leader }),
    });
    this.producer = this.client.kafka.producer({
      createPartitioner: leader === undefined ? keyPartitioner : placedPartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    });
  }

  get hasProduced(): boolean {
    return this.guard.hasProduced;
  }

  async send(records: readonly NewRecord[]): Promise<void> {
    this.guard.watch();
    this.connected ??= this.producer.connect();
    await this.connected;
    await this.producer.send({
      topic: this.topic,
      acks: ALL_IN_SYNC_REPLICAS,
      timeout: this.replicationTimeoutMs,
      messages: records as NewRecord[],
    });
  }

  discard(): Promise<void> {
    this.guard.seal();
    this.discarded ??= disconnect(this.producer, this.client);
    return this.discarded;
  }
}
