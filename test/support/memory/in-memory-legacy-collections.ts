import type {
  EarlierCollections,
  EarlierItem,
  EarlierKind,
} from '../../../src/application/ports/legacy-import/legacy-collections.js';

/** What another service kept, in arrays: for unit tests. */
export class InMemoryEarlierCollections implements EarlierCollections {
  private readonly kept: Readonly<Record<EarlierKind, EarlierItem[]>> = { messages: [], failures: [] };
  private readonly backup: Readonly<Record<EarlierKind, EarlierItem[]>> = { messages: [], failures: [] };

  /** In the order in which they were made. */
  add(kind: EarlierKind, ...items: EarlierItem[]): void {
    this.kept[kind].push(...items);
  }

  /** What was set aside. */
  aside(kind: EarlierKind): readonly EarlierItem[] {
    return this.backup[kind];
  }

  count(kind: EarlierKind): Promise<number> {
    return Promise.resolve(this.kept[kind].length);
  }

  first(kind: EarlierKind, limit: number): Promise<readonly EarlierItem[]> {
    return Promise.resolve(this.kept[kind].slice(0, limit));
  }

  setAside(kind: EarlierKind, items: readonly EarlierItem[]): Promise<void> {
    const keys = new Set(items.map(({ key }) => key));
    const moved = this.kept[kind].filter(({ key }) => keys.has(key));
    this.backup[kind].push(...moved);
    this.kept[kind].splice(0, Infinity, ...this.kept[kind].filter(({ key }) => !keys.has(key)));
    return Promise.resolve();
  }
}
