import { EmbeddedArchive } from '../../../src/adapters/embedded/inbox/embedded-archive.js';
import { EmbeddedInboxReader } from '../../../src/adapters/embedded/inbox/embedded-inbox-reader.js';
import { EmbeddedStore } from '../../../src/adapters/embedded/store/embedded-store.js';
import type { FaultStore } from '../fault-run.js';

/** Reads the folder of a program that has ended. */
export class EmbeddedFaultStore implements FaultStore {
  private readonly store: EmbeddedStore;

  constructor(
    folder: string,
    private readonly recipients: readonly string[],
  ) {
    this.store = EmbeddedStore.open(folder);
  }

  async stored(): Promise<Map<string, string[]>> {
    const reader = new EmbeddedInboxReader(this.store);
    const inboxes = new Map<string, string[]>();
    for (const to of this.recipients) {
      const rows = await reader.page(to, 0, 1_000_000);
      inboxes.set(
        to,
        rows.map(({ message }) => message),
      );
    }
    return inboxes;
  }

  async failed(): Promise<string[]> {
    const texts: string[] = [];
    for await (const { message } of new EmbeddedArchive(this.store).failures({ states: ['unresolved'] })) {
      texts.push(message);
    }
    return texts;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
