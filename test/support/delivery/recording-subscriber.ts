import type {
  AssignedPartition,
  PartitionReader,
  RecordSubscriber,
} from '../../../src/application/ports/record-feed.js';
import type { LogRecord } from '../../../src/application/ports/record-log.js';
import { eventually } from '../eventually.js';

export interface RecordedAssignment {
  readonly partition: AssignedPartition;
  readonly records: LogRecord[];
  revoked: boolean;
  drained: boolean;
}

export interface RecordingOptions {
  /** Commits each batch. */
  readonly commit?: boolean;
  /** Accepts batches of this partition and is not ready for more until `release`. */
  readonly holds?: (record: LogRecord) => boolean;
}

/** Keeps all received records, assignment by assignment. */
export class RecordingSubscriber implements RecordSubscriber {
  readonly assignments: RecordedAssignment[] = [];
  private readonly pendingReleases: (() => void)[] = [];
  private isReleased = false;

  constructor(private readonly options: RecordingOptions = {}) {}

  get records(): LogRecord[] {
    return this.assignments.flatMap(({ records }) => records);
  }

  get texts(): string[] {
    return this.records.map(textOf);
  }

  /** Partitions assigned and not revoked. */
  get current(): number[] {
    return this.assignments.filter(({ revoked }) => !revoked).map(({ partition }) => partition.partition);
  }

  assigned(partition: AssignedPartition): PartitionReader {
    const assignment: RecordedAssignment = { partition, records: [], revoked: false, drained: false };
    this.assignments.push(assignment);
    return {
      receive: (records) => this.receive(assignment, records),
      revoked: () => {
        assignment.revoked = true;
      },
      drain: () => {
        assignment.drained = true;
        return Promise.resolve();
      },
    };
  }

  release(): void {
    this.isReleased = true;
    for (const release of this.pendingReleases.splice(0)) release();
  }

  /** Resolves with the texts once there are this many. */
  async waitForRecords(count: number): Promise<string[]> {
    await eventually(
      () => this.records.length >= count,
      () => `${String(this.records.length)} of ${String(count)}`,
    );
    return this.texts;
  }

  private async receive(assignment: RecordedAssignment, records: readonly LogRecord[]): Promise<void> {
    assignment.records.push(...records);
    const last = records.at(-1);
    if (this.options.commit && last) assignment.partition.commit(last.offset + 1);
    if (this.isReleased || !records.some((record) => this.options.holds?.(record))) return;
    await new Promise<void>((resolve) => this.pendingReleases.push(resolve));
  }
}

export function textOf({ value }: LogRecord): string {
  return value?.toString() ?? '';
}
