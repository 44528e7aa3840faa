import { SendFailed } from '../../../src/application/errors.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type {
  GroupResult,
  PartitionedLog,
  RecordGroup,
  AppendResult,
  NewRecord,
  RecordLog,
} from '../../../src/application/ports/record-log.js';
import { sleep } from '../../../src/application/timing.js';

/** `lost-…`: it reports an unknown result. `hangs`: it ends in the mode that comes next. */
export type Mode = 'works' | 'no-leader' | 'lost-response' | 'lost-request' | 'hangs';

const LATENCY_MS = 10;
const RETRY_MS = 50;

export interface FailingPartitionsOptions {
  /** Otherwise keys name partitions. */
  readonly partitionOf?: (record: NewRecord) => number;
  readonly onWritten?: (partition: number, records: readonly NewRecord[]) => void;
}

/** A log whose partitions fail, lose responses and hang independently. */
export class FailingPartitions implements PartitionedLog {
  readonly modes = new Map<number, Mode>();
  /** Values in the order in which they were written, including repetitions. */
  readonly written = new Map<number, string[]>();
  /** Partitions that were written to during an earlier attempt. */
  readonly overlaps: number[] = [];
  private readonly busy = new Set<number>();

  constructor(
    private readonly clock: Clock,
    private readonly options: FailingPartitionsOptions = {},
  ) {}

  ready(): Promise<void> {
    return Promise.resolve();
  }

  partitionOf(record: NewRecord): number {
    return this.options.partitionOf?.(record) ?? Number(record.key);
  }

  attempt(groups: readonly RecordGroup[]): readonly Promise<GroupResult>[] {
    return groups.map((group) => this.write(group));
  }

  partition(partition: number): RecordLog {
    const append = async (
      records: readonly NewRecord[],
      signal: AbortSignal,
    ): Promise<readonly AppendResult[]> => {
      let outcome: 'not-sent' | 'unknown' = 'not-sent';
      while (!signal.aborted) {
        const result = await this.write({ partition, records });
        if (result === 'appended') return records.map(() => 'appended');
        if (result === 'unknown') outcome = 'unknown';
        await sleep(this.clock, RETRY_MS);
      }
      throw new SendFailed(outcome, new Error('Given up'));
    };
    return { append, close: () => Promise.resolve() };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async write({ partition, records }: RecordGroup): Promise<GroupResult> {
    if (this.busy.has(partition)) this.overlaps.push(partition);
    this.busy.add(partition);
    await sleep(this.clock, LATENCY_MS);
    while (this.modeOf(partition) === 'hangs') await sleep(this.clock, LATENCY_MS);
    this.busy.delete(partition);
    const mode = this.modeOf(partition);
    if (mode === 'no-leader') return 'not-sent';
    if (mode === 'lost-request') return 'unknown';
    const written = this.written.get(partition) ?? [];
    written.push(...records.map(({ value }) => String(value)));
    this.written.set(partition, written);
    this.options.onWritten?.(partition, records);
    return mode === 'lost-response' ? 'unknown' : 'appended';
  }

  private modeOf(partition: number): Mode {
    return this.modes.get(partition) ?? 'works';
  }
}
