import type {
  AppendResult,
  NewRecord,
  RecordLog,
  BoundedSender,
} from '../../src/application/ports/record-log.js';
import type { Telemetry } from '../../src/application/ports/telemetry.js';
import type { IdSource } from '../../src/application/ports/clock.js';
import { silentTelemetry } from './silent-telemetry.js';
import { anId } from './builders.js';

export interface PendingAppend {
  readonly records: readonly NewRecord[];
  readonly signal: AbortSignal;
  succeed(results?: readonly AppendResult[]): void;
  fail(error: unknown): void;
}

/** A log whose appends end when the test says so. */
export class DeferredLog implements RecordLog {
  readonly appends: PendingAppend[] = [];

  append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      this.appends.push({
        ...{ records, signal },
        succeed: (results = records.map(() => 'appended')) => {
          resolve(results);
        },
        fail: reject,
      });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  get last(): PendingAppend {
    const append = this.appends.at(-1);
    if (append === undefined) throw new Error('nothing was appended');
    return append;
  }
}

/** Records the sent records. The test decides with `answer` when and how each send ends. */
export class RecordingSender implements BoundedSender {
  rejection: Error | undefined;
  readonly sent: NewRecord[] = [];
  respond: () => Promise<void> = () => Promise.resolve();

  send(record: NewRecord): Promise<void> {
    this.sent.push(record);
    return this.respond();
  }
}

export class RecordingTelemetry {
  accepted = 0;
  readonly invalid: boolean[] = [];

  readonly telemetry: Telemetry = {
    ...silentTelemetry,
    accepted: (count) => {
      this.accepted += count;
    },
    invalid: (recorded) => {
      this.invalid.push(recorded);
    },
  };
}

export const countingIds: IdSource = { next: () => anId() };
