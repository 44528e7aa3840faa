import type { Producer } from 'kafkajs';
import type { Logger } from '../../../application/ports/logger.js';
import type { NewRecord } from '../../../application/ports/log/record-log.js';
import { disconnect, openClient, type KafkaClient } from '../client/kafka-client.js';
import type { KafkaClientSettings } from '../kafka-settings.js';
import { keyPartitioner, placedPartitioner } from './partitioner.js';
import { ProduceGuard } from './produce-guard.js';

/** A record, and the partition that it must go to. */
export interface PlacedRecord extends NewRecord {
  readonly partition: number;
}

/** A producer that talks to one broker, about partitions which that broker leads. */
export interface LeaderOptions {
  readonly leader: string;
  /** How long the broker waits for its replicas. */
  readonly replicationTimeoutMs?: number;
}

/** Sends one batch at a time, each once. After an error it is thrown away. */
export interface BatchProducer {
  /** Resolves when all in-sync replicas have every record; rejects with kafkajs's error. */
  send(records: readonly NewRecord[]): Promise<void>;
  /** Records of the latest `send` were handed to the network. */
  readonly hasProduced: boolean;
  /** From now on nothing goes out any more. The connections are closed, by force after a while. May be called twice. */
  discard(): Promise<void>;
}

// A lost answer costs this much before the batch is sent again; a send has 5 s in all.
const REQUEST_TIMEOUT_MS = 3_000;
const REPLICATION_TIMEOUT_MS = 2_500;
const ALL_IN_SYNC_REPLICAS = -1;

/**
 * kafkajs's plain producer. Not the idempotent one, which takes back the sequence number of a batch whose answer got
 * lost and then has another batch acknowledged as that one's duplicate, without storing it.
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
    // It tries every broker it was told of, once; repeating is for who has the batch.
    const retries = leader === undefined ? settings.brokers.length - 1 : 0;
    const retry = { retries, initialRetryTime: 50, maxRetryTime: 200 };
    const { mayPass } = this.guard;
    this.client = openClient(settings, logger, {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      retry,
      mayPass,
      ...(leader !== undefined && { only: leader }),
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
