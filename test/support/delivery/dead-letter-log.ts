import { SendFailed } from '../../../src/application/errors.js';
import type { Clock } from '../../../src/application/ports/clock.js';
import type { AppendResult, NewRecord, RecordLog } from '../../../src/application/ports/record-log.js';
import type { SimulatedFeed } from './simulated-feed.js';

/** The dead-letter topic of a simulated feed, which can go down, lose responses, and reject large records. */
export class DeadLetterLog implements RecordLog {
  /** The sizes of all attempted appends, including failed ones. */
  readonly appends: number[] = [];
  /** Rejects every append, and writes nothing. */
  down = false;
  /** This many appends write half of their records, and then reject. */
  responsesToLose = 0;
  /** Records of more bytes in key, value and headers together are too large. */
  maxBytes = Infinity;
  /** Records with one of these keys are too large. */
  readonly rejectedKeys = new Set<string>();

  constructor(
    private readonly feed: SimulatedFeed,
    private readonly clock: Clock,
    private readonly partitionOf: (key: string) => number,
    /** The duration of an append, in milliseconds. */
    private readonly latency: () => number = () => 0,
  ) {}

  async append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]> {
    this.appends.push(records.length);
    await this.delay();
    if (signal.aborted) throw new SendFailed('not-sent', signal.reason);
    if (this.down) throw new SendFailed('unknown', new Error('down'));
    if (this.responsesToLose > 0) {
      this.responsesToLose -= 1;
      for (const record of records.slice(0, Math.ceil(records.length / 2))) this.write(record);
      throw new SendFailed('unknown', new Error('the response was lost'));
    }
    return records.map((record) => this.write(record));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private write(record: NewRecord): AppendResult {
    const key = record.key?.toString() ?? '';
    if (bytesOf(record) > this.maxBytes || this.rejectedKeys.has(key)) return 'too-large';
    this.feed.append('dead-letters', this.partitionOf(key), { ...record, timestamp: this.clock.now() });
    return 'appended';
  }

  private delay(): Promise<void> {
    const latency = this.latency();
    if (latency === 0) return Promise.resolve();
    return new Promise((resolve) => this.clock.after(latency, resolve));
  }
}

function bytesOf({ key, value, headers }: NewRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + Buffer.byteLength(JSON.stringify(headers));
}
