import type { LegacyCollections, LegacyItem, LegacyKind } from '../../../src/application/ports/legacy.js';

/** The NestJS service's documents, in arrays: for unit tests. */
export class InMemoryLegacyCollections implements LegacyCollections {
  private readonly remaining: Readonly<Record<LegacyKind, LegacyItem[]>> = { messages: [], failures: [] };
  private readonly backup: Readonly<Record<LegacyKind, LegacyItem[]>> = { messages: [], failures: [] };

  /** In the order of their creation. */
  add(kind: LegacyKind, ...items: LegacyItem[]): void {
    this.remaining[kind].push(...items);
  }

  /** The documents set aside. */
  setAsideItems(kind: LegacyKind): readonly LegacyItem[] {
    return this.backup[kind];
  }

  count(kind: LegacyKind): Promise<number> {
    return Promise.resolve(this.remaining[kind].length);
  }

  first(kind: LegacyKind, limit: number): Promise<readonly LegacyItem[]> {
    return Promise.resolve(this.remaining[kind].slice(0, limit));
  }

  setAside(kind: LegacyKind, items: readonly LegacyItem[]): Promise<void> {
    const keys = new Set(items.map(({ key }) => key));
    const moved = this.remaining[kind].filter(({ key }) => keys.has(key));
    this.backup[kind].push(...moved);
    this.remaining[kind].splice(0, Infinity, ...this.remaining[kind].filter(({ key }) => !keys.has(key)));
    return Promise.resolve();
  }
}
