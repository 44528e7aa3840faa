import type {
  AssignedPartition,
  PartitionReader,
  RecordSubscriber,
} from '../../../../src/application/ports/record-feed.js';
import { eventually } from '../../../support/eventually.js';

/** Reads everything, and commits as the delivery engine does: without waiting for the commit before the next batch. */
export class ReadingSubscriber implements RecordSubscriber {
  private readonly texts = new Set<string>();

  assigned(partition: AssignedPartition): PartitionReader {
    return {
      receive: (records) => {
        for (const { value } of records) this.texts.add(String(value));
        const last = records.at(-1);
        if (last) partition.commit(last.offset + 1);
        return Promise.resolve();
      },
      revoked: () => undefined,
      drain: () => Promise.resolve(),
    };
  }

  async untilRead(texts: readonly string[], withinMs: number): Promise<void> {
    const missing = (): string[] => texts.filter((text) => !this.texts.has(text));
    await eventually(
      () => missing().length === 0,
      () => `${String(missing().length)} of ${String(texts.length)} records were not read`,
      withinMs,
    );
  }
}
