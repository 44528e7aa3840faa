import type { DeliveryPolicy } from '../../domain/delivery/delivery-policy.js';
import type { Entry } from '../../domain/delivery/settlement.js';
import type { ServedClients } from '../../domain/delivery/served-clients.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger } from '../ports/ledger.js';
import type { RecordCodec } from '../ports/record-codec.js';
import type { FeedConnection, FeedTopic, RecordFeed } from '../ports/record-feed.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { RunSender } from '../ports/record-log.js';
import type { DeliveryContext } from './delivery-context.js';
import type { CheckPartition } from './misplaced-records.js';
import { SettlementBatcher } from './settlement-batcher.js';
import { decodeDeadLetters, decodeMessages, type Decode } from './decoding.js';
import { OwnDeadLetters } from './dead-letters/own-dead-letters.js';
import { Outage } from './outage.js';
import { PartitionDelivery } from './partition/partition-delivery.js';
import { DeadLetterPublisher } from './dead-letters/dead-letter-publisher.js';

export interface DeliverySettings {
  readonly served: ServedClients;
  /** The consumer group of this set of clients. */
  readonly group: string;
  /** The group that records the dead-letter topic. */
  readonly failuresGroup: string;
  readonly parkedMax: number;
}

export interface DeliveryDependencies {
  readonly feed: RecordFeed;
  readonly ledger: Ledger;
  readonly deadLetters: RunSender;
  readonly codec: RecordCodec;
  readonly policy: DeliveryPolicy;
  readonly checkPartition: CheckPartition;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The receiver. Reads both topics and decides the outcome of every record. */
export class DeliveryEngine {
  private readonly connections: FeedConnection[] = [];
  private readonly partitions = new Set<PartitionDelivery>();
  private readonly letters: OwnDeadLetters;

  constructor(
    private readonly settings: DeliverySettings,
    private readonly deps: DeliveryDependencies,
  ) {
    this.letters = new OwnDeadLetters(new SettlementBatcher(deps.ledger, deps.clock));
  }

  /** Messages parked for a retry, or behind one, in all partitions of this process. */
  get parked(): number {
    return [...this.partitions].reduce((sum, partition) => sum + partition.parked, 0);
  }

  async start(): Promise<void> {
    const { served, group, failuresGroup } = this.settings;
    const { codec, policy, ledger, clock, random, telemetry, checkPartition } = this.deps;
    const outage = new Outage(ledger, clock, random, telemetry);
    const messages = decodeMessages(codec, policy, served, group, checkPartition);
    await this.subscribe({ topic: 'messages', group }, messages, outage);
    const letters = decodeDeadLetters(codec, policy);
    await this.subscribe({ topic: 'dead-letters', group: failuresGroup }, letters, outage);
  }

  /**
   * Finishes writes in flight, commits and leaves the groups. Records that wait for a retry are received again by
   * another process or after a restart.
   */
  async stop(): Promise<void> {
    await Promise.all(this.connections.splice(0).map((connection) => connection.close()));
  }

  private async subscribe(topic: FeedTopic, decode: Decode, outage: Outage): Promise<void> {
    const context = this.contextFor(topic, decode, outage);
    const connection = await this.deps.feed.subscribe(topic, {
      assigned: (partition) => {
        const delivery = new PartitionDelivery(partition, context);
        this.partitions.add(delivery);
        return {
          receive: (records) => delivery.receive(records),
          drain: () => delivery.drain(),
          revoked: () => {
            this.partitions.delete(delivery);
            delivery.revoked();
          },
        };
      },
    });
    this.connections.push(connection);
  }

  private contextFor({ topic, group }: FeedTopic, decode: Decode, outage: Outage): DeliveryContext {
    const { ledger, deadLetters, codec, policy, clock, random, telemetry } = this.deps;
    const publisher = new DeadLetterPublisher(deadLetters, codec, clock, random, telemetry);
    return {
      ...{ group, decode, ledger, policy, outage, clock, telemetry, random },
      parkedMax: this.settings.parkedMax,
      settle: async (batch) => {
        const entries = batch.map((item) => item.entry as Entry);
        const isOwn = topic === 'messages';
        const outcomes = await (isOwn ? this.letters.settleOwn(entries) : this.letters.settleRead(entries));
        outage.workSucceeded();
        return outcomes;
      },
      publishAll: (letters, onAnswer) => {
        publisher.publishAll(letters, onAnswer);
      },
      publish: (letter, isOver) => publisher.publish(letter, isOver),
    };
  }
}
