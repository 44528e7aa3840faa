import { afterFailedWrite } from '../../../domain/delivery/after-failed-write.js';
import { OffsetTracker } from '../../../domain/delivery/offset-tracker.js';
import type { Outcome } from '../../../domain/delivery/settlement.js';
import { MAX_BATCH_ENTRIES } from '../../ports/ledger.js';
import type { AssignedPartition, PartitionReader } from '../../ports/record-feed.js';
import type { LogRecord } from '../../ports/record-log.js';
import { Backlog } from './backlog.js';
import { DeadLetterRuns } from './dead-letter-runs.js';
import type { DeliveryContext } from '../delivery-context.js';
import type { Item } from '../item.js';
import { succeeds } from '../outage.js';
import { afterOutcome, deadLettered, failedWrite, retriedLater, truncated } from './next-item.js';

/**
 * Delivers the records of one assigned partition. A loop takes a batch from the backlog, settles it, and puts back
 * the unfinished items. It ends when every item has to wait, and starts again when one need not.
 */
export class PartitionDelivery implements PartitionReader {
  /**
   * Received records, decoded only when their batch is due, so that decoded objects do not live through garbage
   * collections.
   */
  private readonly unread: LogRecord[] = [];
  private readonly backlog: Backlog;
  private readonly offsets = new OffsetTracker<LogRecord>();
  private committed: number | undefined;
  private readonly deadLetters: DeadLetterRuns;
  private readonly cancels = new Set<() => void>();
  private loop: Promise<void> | undefined;
  private running = false;
  private inOutage = false;
  private over = false;
  private onReady: (() => void) | undefined;

  constructor(
    private readonly partition: AssignedPartition,
    private readonly context: DeliveryContext,
  ) {
    const isOver = (): boolean => this.over;
    const release = (items: readonly Item[]): void => this.release(items);
    this.deadLetters = new DeadLetterRuns(context, isOver, release);
    this.backlog = new Backlog(context.parkedMax, (items) => {
      const [first] = items;
      if (first?.step.kind === 'retry') this.releaseAfter(first, first.step.delayMs);
      else this.deadLetters.publish(items);
    });
  }

  /** Messages that wait for a retry, for a dead letter, or behind one of those. */
  get parked(): number {
    return this.backlog.parked;
  }

  receive(records: readonly LogRecord[]): Promise<void> {
    if (this.over) return Promise.resolve();
    for (const record of records) {
      this.offsets.take(record);
      this.unread.push(record);
    }
    this.wake();
    return new Promise((resolve) => {
      this.onReady = resolve;
      this.resolveWhenReady();
    });
  }

  revoked(): void {
    this.over = true;
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
    this.unread.splice(0);
    this.backlog.clear();
    this.resolveWhenReady();
  }

  async drain(): Promise<void> {
    this.over = true;
    this.resolveWhenReady();
    await this.loop;
    this.commit();
  }

  private decodeNext(): void {
    const now = this.context.clock.now();
    let count = 0;
    for (; count < this.unread.length && this.backlog.length < MAX_BATCH_ENTRIES; count += 1) {
      this.decode(this.unread[count] as LogRecord, now);
    }
    this.unread.splice(0, count);
  }

  private decode(record: LogRecord, now: number): void {
    const decoded = this.context.decode(record, now);
    if (typeof decoded !== 'string') {
      this.backlog.push(decoded);
      return;
    }
    this.context.telemetry.settled(decoded);
    this.offsets.finish(record.offset);
  }

  /** Commits the lowest unfinished offset. */
  private commit(): void {
    const { finished } = this.offsets;
    if (finished === undefined || finished.next === this.committed) return;
    this.committed = finished.next;
    this.partition.commit(finished.next, finished.last);
    this.offsets.releaseLast();
  }

  private wake(): void {
    if (this.over || this.inOutage || this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  private async run(): Promise<void> {
    // More calls may follow synchronously: let them all arrive first.
    await Promise.resolve();
    for (let batch = this.nextBatch(); batch.length > 0; batch = this.nextBatch()) {
      await this.settle(batch);
      if (this.over) return;
      this.commit();
      this.resolveWhenReady();
    }
    // Runs synchronously after the empty batch, so that a later wake-up begins a new loop.
    this.running = false;
    if (!this.over) this.commit();
    this.resolveWhenReady();
  }

  private nextBatch(): readonly Item[] {
    if (this.over || this.inOutage) return [];
    for (;;) {
      this.decodeNext();
      const batch = this.backlog.nextBatch();
      // All decoded items may have been set aside. Later records need not wait for them.
      const isDone = batch.length > 0 || this.unread.length === 0 || this.backlog.length >= MAX_BATCH_ENTRIES;
      if (isDone) return batch;
    }
  }

  private resolveWhenReady(): void {
    const waiting = this.unread.length + this.backlog.length;
    const stuck = !this.running && waiting > 0;
    if (!this.over && (stuck || waiting >= MAX_BATCH_ENTRIES)) return;
    this.onReady?.();
    this.onReady = undefined;
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
    this.backlog.clearSuspects(batch.length);
    const unfinished: Item[] = [];
    for (const [index, item] of batch.entries()) {
      const next = afterOutcome(item, outcomes[index] as Outcome, this.context);
      if (next) unfinished.push(next);
      else this.offsets.finish(item.record.offset);
    }
    this.backlog.putBack(unfinished);
  }

  /** Does what `afterFailedWrite` decides. `othersSucceed` is undefined before a probe. */
  private async recover(batch: readonly Item[], error: unknown, othersSucceed?: boolean): Promise<void> {
    const { policy, random, ledger } = this.context;
    const [first] = batch as readonly [Item];
    const next = afterFailedWrite(failedWrite(batch, error, othersSucceed), policy, random());
    switch (next.kind) {
      case 'wait':
        this.backlog.putBack(batch);
        this.waitOut(error);
        break;
      case 'split':
        this.backlog.split(batch);
        break;
      case 'probe': {
        const isUp = await succeeds(ledger);
        if (!this.over) await this.recover(batch, error, isUp);
        break;
      }
      case 'truncate':
        this.backlog.putBackFailed(truncated(first, next));
        break;
      case 'retry':
        this.backlog.putBackFailed(retriedLater(first, next));
        break;
      case 'dead-letter':
        this.backlog.putBackFailed(deadLettered(first, next, error, this.context));
        break;
    }
  }

  private releaseAfter(item: Item, delayMs: number): void {
    const cancel = this.context.clock.after(delayMs, () => {
      this.cancels.delete(cancel);
      this.context.telemetry.retried();
      this.release([{ ...item, step: { kind: 'settle-alone' } }]);
    });
    this.cancels.add(cancel);
  }

  private release(items: readonly Item[]): void {
    this.backlog.release(items);
    this.wake();
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
