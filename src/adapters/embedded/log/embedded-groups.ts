import type { Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { FeedTopic } from '../../../application/ports/record-feed.js';
import { PARTITIONS } from './embedded-record-log.js';
import type { EmbeddedStore } from '../store/embedded-store.js';

type Topic = FeedTopic['topic'];

/** The names of the topics in log lines and metrics. */
export type TopicNames = Readonly<Record<Topic, string>>;

export interface GroupsOptions {
  readonly names: TopicNames;
  /** Clears the losses that earlier runs recorded. */
  readonly acknowledgeLost: boolean;
  readonly onLostRecords: (lost: { topic: string; partition: number; count: number }) => void;
}

interface Loss {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Keeps the offsets, last use and losses of the consumer groups of the embedded log. A group prevents trimming beyond
 * its offset until it has been unused for the log's retention time. Its offset is kept, so records trimmed beyond it
 * count as lost when the group returns.
 */
export class EmbeddedGroups {
  private readonly joined = new Map<string, FeedTopic>();
  private lossIsOpen = false;

  constructor(
    private readonly store: EmbeddedStore,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly logger: Logger,
    private readonly options: GroupsOptions,
  ) {}

  /** Whether a joined group has lost records and the operator has not acknowledged it. */
  get hasOpenLoss(): boolean {
    return this.lossIsOpen;
  }

  /**
   * Joins the group. In partitions where it has no offset, or one that was trimmed, it starts at the earliest record.
   */
  async join(topic: FeedTopic): Promise<void> {
    const losses = await this.store.write('log', () => {
      if (this.options.acknowledgeLost) this.forgetLosses(topic);
      const found: Loss[] = [];
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const loss = this.place(topic, partition);
        if (loss) found.push(loss);
      }
      this.markUsed(topic);
      this.lossIsOpen ||= found.length > 0 || this.hasLosses(topic);
      return found;
    });
    this.joined.set(JSON.stringify(topic), topic);
    for (const loss of losses) this.report(topic, loss);
  }

  /**
   * Returns the lowest offset that any group in use has in a partition, or undefined if no group of the topic is in
   * use. To be called within a write transaction, because it marks as used now the joined groups, and groups of earlier
   * versions, which have no time of last use.
   */
  lowestInUse(topic: Topic, partition: number, unusedAfterMs: number): number | undefined {
    for (const joined of this.joined.values()) if (joined.topic === topic) this.markUsed(joined);
    // eslint-disable-next-line no-restricted-syntax -- compared with stored times
    const oldest = this.clock.now() - unusedAfterMs;
    let lowest: number | undefined;
    for (const { key, value } of this.store.tables.offsets.getRange({
      start: [topic],
      end: [`${topic}\u0001`],
    })) {
      const [, group, itsPartition] = key as [Topic, string, number];
      if (itsPartition !== partition || this.lastUse({ topic, group }) < oldest) continue;
      lowest = Math.min(lowest ?? value, value);
    }
    return lowest;
  }

  private place({ topic, group }: FeedTopic, partition: number): Loss | undefined {
    const { offsets, losses } = this.store.tables;
    const key = [topic, group, partition];
    const next = offsets.get(key);
    const earliest = this.earliest(topic, partition);
    if (next !== undefined && next >= earliest) return undefined;
    void offsets.put(key, earliest);
    if (next === undefined) return undefined;
    void losses.put(key, (losses.get(key) ?? 0) + earliest - next);
    return { partition, from: next, to: earliest };
  }

  /** The offset of the earliest record. A new group starts there, so trimmed records do not count as its lag. */
  private earliest(topic: Topic, partition: number): number {
    const { log, ends } = this.store.tables;
    const [first] = log.getKeys({ start: [topic, partition], end: [topic, partition + 1], limit: 1 });
    return first === undefined ? (ends.get([topic, partition]) ?? 0) : ((first as number[])[2] as number);
  }

  private lastUse({ topic, group }: FeedTopic): number {
    const used = this.store.tables.groupUse.get([topic, group]);
    if (used === undefined) this.markUsed({ topic, group });
    return used ?? this.clock.now();
  }

  private markUsed({ topic, group }: FeedTopic): void {
    void this.store.tables.groupUse.put([topic, group], this.clock.now());
  }

  private hasLosses({ topic, group }: FeedTopic): boolean {
    const range = { start: [topic, group], end: [topic, `${group}\u0001`], limit: 1 };
    return [...this.store.tables.losses.getKeys(range)].length > 0;
  }

  private forgetLosses({ topic, group }: FeedTopic): void {
    const { losses } = this.store.tables;
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      void losses.remove([topic, group, partition]);
  }

  private report({ topic, group }: FeedTopic, { partition, from, to }: Loss): void {
    const count = to - from;
    const name = this.options.names[topic];
    this.logger.error('log.records-lost', { group, topic: name, partition, from, to, count });
    this.options.onLostRecords({ topic: name, partition, count });
  }
}
