import type { FailureSweep } from '../../../application/ports/sweeps.js';
import { isSweepable } from '../../../domain/failures/failure-actions.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { unindexFailure } from '../failures/failure-index.js';

const FAILURES_PER_TRANSACTION = 500;

export class EmbeddedFailureSweep implements FailureSweep {
  constructor(private readonly store: EmbeddedStore) {}

  async sweep(lastEventBefore: number): Promise<number> {
    // Usually nothing is due; this read avoids a write transaction.
    if (this.due(lastEventBefore).length === 0) return 0;
    return this.store.write('store', () => {
      const due = this.due(lastEventBefore);
      for (const failure of due) this.remove(failure);
      return due.length;
    });
  }

  private due(before: number): FailedMessage[] {
    const { failures, messages } = this.store.tables;
    const due: FailedMessage[] = [];
    for (const { key, value: state } of failures.getRange({ end: [before] })) {
      if (state === 'replaying' || state === 'correcting') continue;
      const failure = messages.get((key as [number, string])[1])?.failure;
      if (failure && isSweepable(failure, before)) due.push(failure);
      if (due.length === FAILURES_PER_TRANSACTION) break;
    }
    return due;
  }

  /** Removes the failure, but keeps the message if it was stored as well. */
  private remove(failure: FailedMessage): void {
    const { messages } = this.store.tables;
    const stored = messages.get(failure.id)?.stored;
    if (stored) void messages.put(failure.id, { stored });
    else void messages.remove(failure.id);
    unindexFailure(this.store.tables, failure);
  }
}
