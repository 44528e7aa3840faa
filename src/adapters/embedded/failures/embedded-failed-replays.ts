import type { FailedReplays, UnnotifiedReplay } from '../../../application/ports/failures.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

export class EmbeddedFailedReplays implements FailedReplays {
  constructor(private readonly store: EmbeddedStore) {}

  unnotified(limit: number): Promise<readonly UnnotifiedReplay[]> {
    if (limit <= 0) return Promise.resolve([]);
    const { unnotified, messages } = this.store.tables;
    return readStore(() =>
      [...unnotified.getKeys({ limit })].flatMap((id) => messages.get(id)?.failure ?? []),
    );
  }
}
