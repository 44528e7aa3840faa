import { SendFailed } from '../../../src/application/errors.js';
import type {
  GroupResult,
  PartitionedLog,
  RecordGroup,
  NewRecord,
  RecordLog,
} from '../../../src/application/ports/record-log.js';
import { DeferredLog } from '../recorders.js';

export interface PendingAttempt {
  readonly partition: number;
  readonly values: readonly string[];
  end(result: GroupResult): void;
}

/** A log of many partitions, whose attempts and appends end when the test says so. Keys name partitions. */
export class DeferredPartitionedLog implements PartitionedLog {
  readonly attempts: PendingAttempt[] = [];
  /** Logs of single partitions, in the order in which they were requested. */
  readonly opened: { readonly partition: number; readonly log: DeferredLog; closed: boolean }[] = [];
  readiness: Promise<void> | undefined;

  ready(): Promise<void> {
    return this.readiness ?? Promise.resolve();
  }

  partitionOf({ key }: NewRecord): number {
    return Number(key ?? 0);
  }

  attempt(groups: readonly RecordGroup[]): readonly Promise<GroupResult>[] {
    return groups.map(
      ({ partition, records }) =>
        new Promise((end) => {
          this.attempts.push({ partition, values: records.map(({ value }) => String(value)), end });
        }),
    );
  }

  partition(partition: number): RecordLog {
    const log = new DeferredLog();
    const opened = { partition, log, closed: false };
    this.opened.push(opened);
    const close = (): Promise<void> => {
      opened.closed = true;
      return Promise.resolve();
    };
    return {
      append: (records, signal) => {
        if (signal.aborted) return Promise.reject(new SendFailed('not-sent', new Error('aborted')));
        signal.addEventListener('abort', () => {
          log.appends.find((append) => append.signal === signal)?.fail(new SendFailed('not-sent', 'aborted'));
        });
        return log.append(records, signal);
      },
      close,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the latest attempt of each of these partitions. */
  end(results: Readonly<Record<number, GroupResult>>): void {
    for (const [partition, result] of Object.entries(results)) {
      this.attempts.findLast((attempt) => attempt.partition === Number(partition))?.end(result);
    }
  }

  logOf(partition: number): DeferredLog {
    const opened = this.opened.findLast((log) => log.partition === partition);
    if (opened === undefined) throw new Error(`partition ${String(partition)} has no log of its own`);
    return opened.log;
  }
}
