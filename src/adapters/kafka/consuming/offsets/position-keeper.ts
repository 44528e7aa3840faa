import { DependencyUnavailable } from '../../../../application/errors.js';
import type { CancelTimer, Clock } from '../../../../application/ports/clock.js';
import type {
  ConsumerPositions,
  LedgerPositions,
  PartitionPosition,
} from '../../../../application/ports/ledger.js';
import type { Logger } from '../../../../application/ports/telemetry.js';
import { errorKind } from '../../kafka-errors.js';
import { logFailure } from '../../../../application/log-failure.js';

const SAVE_EVERY_MS = 10_000;
/** Well below the time after which a stalled consumer is replaced. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Copies the positions that are committed in Kafka to the ledger, for all partitions of all groups together. If the
 * ledger's are behind Kafka's, some records are read again. They must not be ahead, which would lose records.
 */
export class PositionKeeper implements ConsumerPositions {
  /** Positions that are committed in Kafka and not yet saved. */
  private readonly unsaved = new Map<string, PartitionPosition>();
  private saving = Promise.resolve();
  private cancelTimer: CancelTimer | undefined;
  private isFailing = false;
  private isStopped = false;

  constructor(
    private readonly ledger: ConsumerPositions,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Schedules positions to be saved. Must be called after Kafka has committed them. */
  committed(positions: readonly PartitionPosition[]): void {
    this.isStopped = false;
    for (const position of positions) this.unsaved.set(keyOf(position), position);
    this.saveLater();
  }

  /** Saves everything committed so far. Resolves also if that fails, and retries it later. Never rejects. */
  save(): Promise<void> {
    this.saving = this.saving.then(() => this.saveAll());
    return this.saving;
  }

  /** Stops the periodic saves until the next commit. */
  stop(): void {
    this.isStopped = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  /** Saves first, so that the result includes what this process has committed, unless the ledger rejects it. */
  of(group: string, topic: string): Promise<LedgerPositions> {
    return this.answered(this.save().then(() => this.ledger.of(group, topic)));
  }

  advance(positions: readonly PartitionPosition[]): Promise<void> {
    return this.answered(this.ledger.advance(positions));
  }

  /** Also drops the unsaved positions of these partitions, which belong to an earlier log. */
  reset(positions: readonly PartitionPosition[]): Promise<void> {
    for (const position of positions) this.unsaved.delete(keyOf(position));
    return this.answered(this.saving.then(() => this.ledger.reset(positions)));
  }

  private saveLater(): void {
    if (this.isStopped) return;
    this.cancelTimer ??= this.clock.after(SAVE_EVERY_MS, () => {
      this.cancelTimer = undefined;
      void this.save();
    });
  }

  private async saveAll(): Promise<void> {
    const rows = [...this.unsaved.values()];
    if (rows.length === 0) return;
    try {
      await this.ledger.advance(rows);
      this.isFailing = false;
      for (const row of rows) if (this.unsaved.get(keyOf(row)) === row) this.unsaved.delete(keyOf(row));
    } catch (error) {
      if (!this.isFailing)
        logFailure(this.logger, 'log.positions-not-saved', error, { kind: errorKind(error) });
      this.isFailing = !(error instanceof DependencyUnavailable);
    }
    if (this.unsaved.size > 0) this.saveLater();
  }

  private answered<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(ANSWER_WITHIN_MS, () => {
        reject(new DependencyUnavailable('store', new Error('It did not answer in time')));
      });
      void answer.finally(cancel).then(resolve, reject);
    });
  }
}

function keyOf({ group, topic, partition }: PartitionPosition): string {
  return JSON.stringify([group, topic, partition]);
}
