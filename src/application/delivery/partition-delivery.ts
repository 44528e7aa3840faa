import type { Outcome } from '../../domain/settlement.js';
import type { AssignedPartition, PartitionReader } from '../ports/record-feed.js';
import type { LogRecord } from '../ports/record-log.js';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../ports/ledger.js';
import { Committer } from './committer.js';
import type { DeliveryContext } from './delivery-context.js';
import { afterFailure, afterOutcome } from './next-step.js';
import { sizeOf, type Item } from './item.js';
import { Lanes } from './lanes.js';

/**
 * Brings the records of one assigned partition to their outcomes. One loop takes what may be settled from the front
 * of the backlog, settles it as one batch, and puts back in front, in the order of the log, what is not finished.
 * What has to wait blocks its lane; the lane's later items park behind it, everything else goes on.
 */
export class PartitionDelivery implements PartitionReader {
  private backlog: Item[] = [];
  private readonly lanes: Lanes;
  private readonly committer: Committer;
  private readonly cancels = new Set<() => void>();
  /** Items at the front that failed together: settled in halves until the culprit is alone. */
  private suspects = 0;
  private batchSize = MAX_BATCH_ENTRIES;
  private loop: Promise<void> | undefined;
  private running = false;
  private inOutage = false;
  private over = false;
  private onReady: (() => void) | undefined;

  constructor(
    partition: AssignedPartition,
    private readonly context: DeliveryContext,
  ) {
    this.lanes = new Lanes(context.parkedMax);
    this.committer = new Committer(partition);
  }

  /** Messages that wait for a retry, a dead letter, or behind one of those. */
  get parked(): number {
    return this.lanes.size;
  }

  receive(records: readonly LogRecord[]): Promise<void> {
    if (this.over) return Promise.resolve();
    const now = this.context.clock.now();
    for (const record of records) this.take(record, now);
    this.wake();
    return new Promise((resolve) => {
      this.onReady = resolve;
      this.tellWhenReady();
    });
  }

  revoked(): void {
    this.over = true;
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
    this.backlog = [];
    this.tellWhenReady();
  }

  async drain(): Promise<void> {
    this.over = true;
    this.tellWhenReady();
    await this.loop;
    await this.committer.commit();
  }

  private take(record: LogRecord, now: number): void {
    this.committer.offsets.take(record.offset);
    const interpreted = this.context.interpret(record, now);
    if (typeof interpreted !== 'string') {
      this.backlog.push(interpreted);
      return;
    }
    this.context.telemetry.settled(interpreted);
    this.committer.offsets.finish(record.offset);
  }

  private wake(): void {
    if (this.over || this.inOutage || this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  private async run(): Promise<void> {
    // What woke the loop may come from within a batch of calls: let them all arrive first.
    await Promise.resolve();
    for (let batch = this.nextBatch(); batch.length > 0; batch = this.nextBatch()) {
      await this.settle(batch);
      if (this.over) return;
      void this.committer.commit();
      this.tellWhenReady();
    }
    // In the same turn as the empty batch: a wake-up that comes later must begin a new loop.
    this.running = false;
    if (!this.over) void this.committer.commit();
    this.tellWhenReady();
  }

  private tellWhenReady(): void {
    const stuck = !this.running && this.backlog.length > 0;
    if (!this.over && (stuck || this.backlog.length >= MAX_BATCH_ENTRIES)) return;
    this.onReady?.();
    this.onReady = undefined;
  }

  /** Takes from the front what may be settled together now; empty when nothing may go on by itself. */
  private nextBatch(): readonly Item[] {
    if (this.over || this.inOutage) return [];
    const batch: Item[] = [];
    let bytes = 0;
    let taken = 0;
    for (const item of this.backlog) {
      const waits = item.step.kind === 'wait' || item.step.kind === 'bury';
      if (waits || this.lanes.isBlocked(item.lane)) {
        // What of its lane is in this batch has to be finished before its own step begins.
        if (this.lanes.full || batch.some((earlier) => earlier.lane === item.lane)) break;
        this.setAside(item);
      } else {
        const alone = item.step.kind === 'settle-alone';
        bytes += sizeOf(item);
        const fits = batch.length < this.batchSize && bytes <= MAX_BATCH_BYTES && !alone;
        if (batch.length > 0 && !fits) break;
        batch.push(item);
        if (alone) {
          taken += 1;
          break;
        }
      }
      taken += 1;
    }
    this.backlog.splice(0, taken);
    return batch;
  }

  private setAside(item: Item): void {
    if (this.lanes.isBlocked(item.lane)) {
      this.lanes.park(item);
      return;
    }
    this.lanes.block(item);
    if (item.step.kind === 'wait') this.releaseAfter(item, item.step.delayMs);
    if (item.step.kind === 'bury') void this.bury(item, item.step.letter);
  }

  private releaseAfter(item: Item, delayMs: number): void {
    const cancel = this.context.clock.after(delayMs, () => {
      this.cancels.delete(cancel);
      this.context.telemetry.retried();
      item.step = { kind: 'settle-alone' };
      this.release(item);
    });
    this.cancels.add(cancel);
  }

  private async bury(item: Item, letter: Parameters<DeliveryContext['bury']>[0]): Promise<void> {
    const written = await this.context.bury(letter, () => this.over);
    if (written === undefined || this.over) return;
    item.entry = { kind: 'dead-letter', letter: written };
    item.step = { kind: 'settle' };
    this.release(item);
  }

  private release(item: Item): void {
    this.putBack(this.lanes.release(item.lane));
    this.wake();
  }

  private putBack(items: readonly Item[]): void {
    this.backlog = [...items, ...this.backlog];
  }

  private async settle(batch: readonly Item[]): Promise<void> {
    try {
      const outcomes = await this.context.settle(batch);
      if (!this.over) this.conclude(batch, outcomes);
    } catch (error) {
      if (!this.over) await this.recover(batch, error);
    }
  }

  private conclude(batch: readonly Item[], outcomes: readonly Outcome[]): void {
    this.clearSuspects(batch.length);
    const unfinished = batch.filter((item, index) => {
      const finished = afterOutcome(item, outcomes[index] as Outcome, this.context);
      if (finished) this.committer.offsets.finish(item.record.offset);
      return !finished;
    });
    this.putBack(unfinished);
  }

  private async recover(batch: readonly Item[], error: unknown): Promise<void> {
    const kind = await afterFailure(batch, error, this.context);
    if (this.over) return;
    this.putBack(batch);
    switch (kind) {
      case 'halve':
        this.suspects = batch.length;
        this.batchSize = Math.ceil(batch.length / 2);
        break;
      case 'outage':
        this.waitOut(error);
        break;
      case 'stepped':
        this.clearSuspects(1);
        break;
    }
  }

  private clearSuspects(count: number): void {
    this.suspects -= count;
    if (this.suspects <= 0) this.batchSize = MAX_BATCH_ENTRIES;
  }

  private waitOut(cause: unknown): void {
    this.inOutage = true;
    const cancel = this.context.outage.afterwards(cause, () => {
      this.cancels.delete(cancel);
      this.inOutage = false;
      this.wake();
    });
    this.cancels.add(cancel);
  }
}
