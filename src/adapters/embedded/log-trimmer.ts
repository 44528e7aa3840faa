import type { CancelTimer, Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import { PARTITIONS } from './embedded-record-log.js';
import type { EmbeddedStore } from './embedded-store.js';

const EVERY_MS = 3_600_000;
const AT_ONCE = 1_000;
const TOPIC = 'messages';

/** Removes messages from the log that every group has committed and that are older than the retention. */
export class LogTrimmer {
  private cancel: CancelTimer | undefined;

  constructor(
    private readonly store: EmbeddedStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly retentionMs: number,
  ) {}

  /** Trims now, and every hour until `stop`. */
  start(): void {
    void this.trim().catch((error: unknown) => {
      this.logger.warn('log.trim-failed', { error });
    });
    this.cancel = this.clock.after(EVERY_MS, () => {
      this.start();
    });
  }

  stop(): void {
    this.cancel?.();
  }

  /** Resolves with how many records were removed. */
  async trim(): Promise<number> {
    let removed = 0;
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      for (let some = AT_ONCE; some === AT_ONCE; removed += some) some = await this.trimSome(partition);
    }
    return removed;
  }

  private trimSome(partition: number): Promise<number> {
    const { log } = this.store.tables;
    return this.store.write('log', () => {
      const cutoff = this.clock.now() - this.retentionMs;
      const end = [TOPIC, partition, this.lowestCommitted(partition)];
      let removed = 0;
      for (const { key, value } of log.getRange({ start: [TOPIC, partition, 0], end, limit: AT_ONCE })) {
        if (value.timestamp >= cutoff) break;
        void log.remove(key);
        removed += 1;
      }
      return removed;
    });
  }

  private lowestCommitted(partition: number): number {
    let lowest = Infinity;
    for (const { key, value } of this.store.tables.offsets.getRange({
      start: [TOPIC],
      end: [`${TOPIC}\u0001`],
    })) {
      if ((key as unknown[])[2] === partition) lowest = Math.min(lowest, value);
    }
    return Number.isFinite(lowest) ? lowest : 0;
  }
}
