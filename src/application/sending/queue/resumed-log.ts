import { SendFailed } from '../../errors.js';
import type { GroupResult, AppendResult, NewRecord, RecordLog } from '../../ports/record-log.js';

/**
 * The log of one partition whose first batch is already in flight. The first `append` waits for the result of that
 * attempt, however long it takes, and writes the batch again only if the attempt failed.
 */
export class ResumedLog implements RecordLog {
  private attempted: Promise<GroupResult> | undefined;

  constructor(
    private readonly log: RecordLog,
    attempted: Promise<GroupResult>,
  ) {
    this.attempted = attempted;
  }

  async append(records: readonly NewRecord[], signal: AbortSignal): Promise<readonly AppendResult[]> {
    const { attempted } = this;
    this.attempted = undefined;
    if (attempted === undefined) return this.log.append(records, signal);
    // The attempt always ends, even if every caller has given up. The next batch must not overtake it.
    const result = await attempted;
    if (result === 'appended') return records.map(() => 'appended');
    if (result === 'too-large' && records.length === 1) return ['too-large'];
    try {
      return await this.log.append(records, signal);
    } catch (error) {
      throw result === 'unknown' ? new SendFailed('unknown', error) : error;
    }
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
