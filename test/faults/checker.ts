/** The data of a fault run: every response, and the final state of the store. Texts are unique. */
export interface History {
  /**
   * Texts whose sends got `message created.`, by recipient, in the order of the responses; each recipient has
   * one sender.
   */
  readonly acknowledged: ReadonlyMap<string, readonly string[]>;
  /** Texts in each inbox, in the order of its numbers. */
  readonly stored: ReadonlyMap<string, readonly string[]>;
  /** Texts of the failed messages. */
  readonly failed: readonly string[];
}

export interface Findings {
  readonly counts: { readonly acknowledged: number; readonly stored: number; readonly failed: number };
  /** Acknowledged, and neither stored nor failed. */
  readonly lost: readonly string[];
  /** In inboxes more than once, or both stored and failed. */
  readonly doubled: readonly string[];
  /** Acknowledged before a message that precedes it in its inbox. */
  readonly swapped: readonly string[];
}

export function check({ acknowledged, stored, failed }: History): Findings {
  const inInboxes = [...stored.values()].flat();
  const everywhere = [...inInboxes, ...failed];
  const accepted = [...acknowledged.values()].flat();
  const there = new Set(everywhere);
  return {
    counts: { acknowledged: accepted.length, stored: inInboxes.length, failed: failed.length },
    lost: accepted.filter((text) => !there.has(text)),
    doubled: repeated(everywhere),
    swapped: [...acknowledged].flatMap(([to, texts]) => outOfOrder(texts, stored.get(to) ?? [])),
  };
}

/** Formats the result as one readable line. */
export function summarize({ counts, lost, doubled, swapped }: Findings): string {
  const { acknowledged, stored, failed } = counts;
  const found = `${String(lost.length)} lost, ${String(doubled.length)} doubled, ${String(swapped.length)} swapped`;
  return `${String(acknowledged)} acknowledged, ${String(stored)} stored, ${String(failed)} failed: ${found}`;
}

export function repeated(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => seen.has(text) || !seen.add(text));
}

export function outOfOrder(answered: readonly string[], inbox: readonly string[]): string[] {
  const place = new Map(inbox.map((text, index) => [text, index]));
  let highest = -1;
  return answered.filter((text) => {
    const at = place.get(text);
    if (at === undefined) return false;
    if (at < highest) return true;
    highest = at;
    return false;
  });
}
