import { groupBy } from '../../group-by.js';
import type { PartitionedLog, AppendResult, NewRecord, RunAnswer } from '../../ports/record-log.js';
import { fitting } from './waiting-sends.js';

/** Sends records of the given total size in one append. Rejects if the append fails. */
type SendTogether = (records: readonly NewRecord[], bytes: number) => Promise<readonly AppendResult[]>;

/**
 * Sends records in as few appends as possible, one after the other, until one fails. Resolves with the results
 * before the failure. Never rejects.
 */
export async function sendRun(
  records: readonly NewRecord[],
  sendTogether: SendTogether,
): Promise<readonly AppendResult[]> {
  const results: AppendResult[] = [];
  for (let rest = records; rest.length > 0; rest = records.slice(results.length)) {
    const { count, bytes } = fitting(rest.map((record) => ({ records: [record], size: sizeOf(record) })));
    try {
      results.push(...(await sendTogether(rest.slice(0, count), bytes)));
    } catch {
      break;
    }
  }
  return results;
}

/** Sends the records of each partition as `sendRun` does. Sends nothing if the log's partitions are unknown. */
export async function sendRunByPartition(
  records: readonly NewRecord[],
  log: Pick<PartitionedLog, 'ready' | 'partitionOf'>,
  sendTogether: SendTogether,
  onAnswer: (answer: RunAnswer) => void,
): Promise<void> {
  try {
    await log.ready();
  } catch {
    onAnswer({ places: [...records.keys()], results: [] });
    return;
  }
  const parts = groupBy([...records.entries()], ([, record]) => log.partitionOf(record));
  for (const part of parts.values()) {
    const sent = sendRun(
      part.map(([, record]) => record),
      sendTogether,
    );
    void sent.then((results) => {
      onAnswer({ places: part.map(([place]) => place), results });
    });
  }
}

/** Returns the size of a record in bytes. */
export function sizeOf({ key, value, headers }: NewRecord): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0);
  return size;
}
