import type { Clock } from '../../../application/ports/clock.js';
import type { ReadPositions } from '../../../application/ports/inbox.js';
import type { ReadPosition } from '../../../domain/inbox/message-status.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { readStore } from '../store/read-store.js';

export class EmbeddedReadPositions implements ReadPositions {
  constructor(
    private readonly store: EmbeddedStore,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  advance(client: string, through: number): Promise<void> {
    const { inboxes, readers } = this.store.tables;
    return this.store.write('store', () => {
      const number = Math.min(through, inboxes.get(client)?.last ?? 0);
      if (number <= (readers.get(client)?.number ?? 0)) return;
      void readers.put(client, { number, at: this.clock.now() });
    });
  }

  of(client: string): Promise<ReadPosition | undefined> {
    return readStore(() => this.store.tables.readers.get(client));
  }
}
