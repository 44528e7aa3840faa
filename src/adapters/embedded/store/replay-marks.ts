import type { Database, RangeOptions } from 'lmdb';
import type { MessageId } from '../../../domain/message.js';
import { fateOfMark, type MarkFate } from '../../../domain/failures/replay-job.js';
import type { MessageDocument } from './documents.js';

interface MarkTables {
  readonly replays: Database<unknown, string>;
  readonly marks: Database<true>;
  readonly messages: Database<MessageDocument, MessageId>;
}

/** The range of a bulk replay's marks with one outcome. `g` sorts after every id, because ids are hexadecimal. */
export function marksRange(job: string, fate: MarkFate): RangeOptions {
  return { start: [job, fate], end: [job, fate, 'g'] };
}

/** Corrects marks that an earlier version left pending after an operator forced or discarded the replay. */
export function reindexPendingMarks({ replays, marks, messages }: MarkTables): void {
  for (const job of [...replays.getKeys()]) {
    for (const key of [...marks.getKeys(marksRange(job, 'pending'))]) {
      const id = (key as string[])[2] ?? '';
      const failure = messages.get(id)?.failure;
      const mark = failure?.jobs?.find((other) => other.id === job);
      const fate = failure && mark && fateOfMark(failure, mark);
      if (fate === 'pending') continue;
      void marks.remove(key);
      if (fate) void marks.put([job, fate, id], true);
    }
  }
}
