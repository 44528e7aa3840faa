import { DependencyUnavailable } from '../../../../application/errors.js';
import type { CancelTimer, Clock } from '../../../../application/ports/clock.js';
import type {
  ConsumerPositions,
  LedgerPositions,
  PartitionPosition,
} from '../../../../application/ports/delivery/consumer-positions.js';
import type { Logger } from '../../../../application/ports/logger.js';
import { errorKind } from '../../kafka-errors.js';

const SAVE_EVERY_MS = 10_000;
/** Well below the time after which a consumer without progress is replaced. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Saves in the ledger what was committed in Kafka, all partitions of all groups at once. The ledger's positions may lag
 * behind Kafka's, which costs reading some records again; they must not lead, which would lose records.
 */
export class PositionKeeper implements ConsumerPositions {
  /** Committed and not yet saved. */
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

  /** To be called after the commit. */
  committed(positions: readonly PartitionPosition[]): void {
    this.isStopped = false;
    for (const position of positions) this.unsaved.set(keyOf(position), position);
    this.saveLater();
  }

  /** Resolves when everything committed until now is saved, or was tried and failed: then it is tried again later. */
  save(): Promise<void> {
    this.saving = this.saving.then(() => this.saveAll());
    return this.saving;
  }

  /** Saves nothing more by itself, until there is another commit. */
  stop(): void {
    this.isStopped = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  /** Includes what this process has committed, unless the ledger does not take it. */
  of(group: string, topic: string): Promise<LedgerPositions> {
    return this.answered(this.save().then(() => this.ledger.of(group, topic)));
  }

  advance(positions: readonly PartitionPosition[]): Promise<void> {
    return this.answered(this.ledger.advance(positions));
  }

  /** What was committed before, on a log that was another one, is not saved any more. */
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
      if (!this.isFailing) this.logger.warn('log.positions-not-saved', { kind: errorKind(error) });
      this.isFailing = true;
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
