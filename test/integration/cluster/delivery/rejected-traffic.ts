import { DeliveryEngine } from '../../../../src/application/delivery/delivery-engine.js';
import type { RunSender } from '../../../../src/application/ports/record-log.js';
import { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
import { SystemClock } from '../../../../src/adapters/system/system-clock.js';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import { DeliveryPolicy } from '../../../../src/domain/delivery/delivery-policy.js';
import { OPEN_STATES } from '../../../../src/domain/failures/failed-message.js';
import { ServedClients } from '../../../../src/domain/delivery/served-clients.js';
import { aMessage, identities } from '../../../support/builders.js';
import { silentTelemetry } from '../../../support/silent-telemetry.js';
import { SimulatedFeed } from '../../../support/delivery/simulated-feed.js';
import { keyOf } from '../sending/send-traffic.js';

/** One record; times are from `performance.now()`. */
export interface TimedRecord {
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
  readonly isRejected: boolean;
  readonly at: number;
  /** When the committed offset of its partition had passed it. */
  committedAt?: number;
}

const EVERY_MS = 50;

/**
 * Runs a delivery engine on partitions that always work. Every few milliseconds, each of them gets a rejected
 * and a valid record for the partition's one recipient, whose dead letters go to the dead-letter partition
 * with the same number.
 */
export class RejectedTraffic {
  readonly records: TimedRecord[] = [];
  private readonly clock = new SystemClock();
  private readonly ledger = new InMemoryLedger(this.clock, identities);
  private readonly codec = new JsonRecordCodec(identities, 10_000);
  private readonly feed: SimulatedFeed;
  private readonly engine: DeliveryEngine;
  private readonly timer: NodeJS.Timeout;

  constructor(deadLetters: RunSender, partitions: number) {
    this.feed = new SimulatedFeed(
      partitions,
      () => 100,
      (topic, partition, next) => {
        if (topic === 'messages') this.note(partition, next);
      },
    );
    const { feed, ledger, codec, clock } = this;
    const policy = new DeliveryPolicy({ max: 3, initialMs: 100, factor: 2, jitter: 0.2 }, undefined);
    const settings = { group: 'receiver', failuresGroup: 'failures', parkedMax: 10_000 };
    this.engine = new DeliveryEngine(
      { ...settings, served: ServedClients.all },
      {
        ...{ feed, ledger, deadLetters, codec, policy, clock },
        checkPartition: () => undefined,
        random: Math.random,
        telemetry: silentTelemetry,
      },
    );
    const recipients = Array.from({ length: partitions }, (_, partition) => keyOf(partition, partitions));
    this.timer = setInterval(() => {
      recipients.forEach((to, partition) => {
        this.arrive(to, partition, '');
        this.arrive(to, partition, 'text');
      });
    }, EVERY_MS);
  }

  async start(): Promise<void> {
    await this.engine.start();
    this.feed.assign(() => 0);
  }

  endArrivals(): void {
    clearInterval(this.timer);
  }

  async stop(): Promise<void> {
    this.endArrivals();
    await this.engine.stop();
  }

  /** Returns the records of these partitions that arrived within the interval. */
  between(from: number, to: number, partitions: readonly number[]): TimedRecord[] {
    return this.records.filter(
      ({ partition, at }) => partitions.includes(partition) && at >= from && at < to,
    );
  }

  /** Returns the ids of failed messages, each as often as it failed. */
  async failed(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id, failures } of this.ledger.failures({ states: OPEN_STATES }))
      ids.push(...Array<string>(failures).fill(id));
    return ids;
  }

  async stored(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of this.ledger.messages({})) ids.push(id);
    return ids;
  }

  private arrive(to: string, partition: number, message: string): void {
    const sent = aMessage({ to, message, sentAt: this.clock.now() });
    const record = { ...this.codec.encode(sent, {}), timestamp: sent.sentAt };
    const at = performance.now();
    const offset = this.feed.records.messages[partition]?.length ?? 0;
    this.records.push({ id: sent.id, partition, offset, isRejected: message === '', at });
    this.feed.append('messages', partition, record);
  }

  private note(partition: number, next: number): void {
    for (const record of this.records) {
      if (record.partition === partition && record.offset < next) record.committedAt ??= performance.now();
    }
  }
}
