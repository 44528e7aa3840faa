import type { Logger } from '../../../application/ports/telemetry.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import type { Clock } from '../../../application/ports/clock.js';
import { every, type Repetition } from '../../../application/timing.js';
import type { EmbeddedGroups } from './embedded-groups.js';
import { PARTITIONS } from './embedded-record-log.js';
import { logFailure } from '../../../application/log-failure.js';

/** Late enough for the receiver to have joined its groups: records that they have not read must not be trimmed. */
const FIRST_TRIM_DELAY_MS = 60_000;
const TRIM_INTERVAL_MS = 3_600_000;
const RECORDS_PER_TRANSACTION = 1_000;
const TOPIC = 'messages';

/**
 * Removes records that are older than the retention and that every group in use has committed. A group that has been
 * unused for the retention time does not prevent trimming.
 */
export class LogTrimmer {
  private trims: Repetition | undefined;

  constructor(
    private readonly store: EmbeddedStore,
    private readonly groups: EmbeddedGroups,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly retentionMs: number,
  ) {}

  /** Trims after a minute, and then every hour until `stop`. */
  start(): void {
    this.trims = every(this.clock, TRIM_INTERVAL_MS, (signal) => this.tryToTrim(signal), FIRST_TRIM_DELAY_MS);
  }

  /** Resolves when a trim in progress has ended: the store is closed next. */
  async stop(): Promise<void> {
    await this.trims?.stop();
  }

  /**
   * Resolves with the number of records removed. Removes none while no group is in use, such as before the first join.
   */
  async trim(signal?: AbortSignal): Promise<number> {
    let removed = 0;
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      for (
        let removedNow = RECORDS_PER_TRANSACTION;
        removedNow === RECORDS_PER_TRANSACTION && signal?.aborted !== true;
        removed += removedNow
      )
        removedNow = await this.trimBatch(partition);
    }
    return removed;
  }

  private async tryToTrim(signal: AbortSignal): Promise<void> {
    try {
      await this.trim(signal);
    } catch (error) {
      logFailure(this.logger, 'log.trim-failed', error);
    }
  }

  private trimBatch(partition: number): Promise<number> {
    const { log } = this.store.tables;
    return this.store.write('log', () => {
      // eslint-disable-next-line no-restricted-syntax -- compared with stored times
      const cutoff = this.clock.now() - this.retentionMs;
      const lowest = this.groups.lowestInUse(TOPIC, partition, this.retentionMs);
      const end = [TOPIC, partition, lowest ?? 0];
      let removed = 0;
      for (const { key, value } of log.getRange({
        start: [TOPIC, partition, 0],
        end,
        limit: RECORDS_PER_TRANSACTION,
      })) {
        if (value.timestamp >= cutoff) break;
        void log.remove(key);
        removed += 1;
      }
      return removed;
    });
  }
}
