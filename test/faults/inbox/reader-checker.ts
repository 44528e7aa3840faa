import { outOfOrder, repeated } from '../checker.js';

/** What one reader received from one inbox, in order of arrival. */
export interface Sight {
  readonly reader: string;
  readonly to: string;
  readonly texts: readonly string[];
}

/** A read position, read by its only writer with no write in flight. */
export interface Look {
  readonly reader: string;
  readonly position: number;
  /** The highest number whose acknowledgement was confirmed, and the highest that was requested. */
  readonly confirmed: number;
  readonly asked: number;
}

export interface ReaderHistory {
  readonly sights: readonly Sight[];
  readonly looks: readonly Look[];
  /** How often a stream was reopened. */
  readonly resumptions: number;
  /** Responses that no fault explains. */
  readonly strange: readonly string[];
}

export interface ReaderFindings {
  readonly counts: {
    readonly readers: number;
    readonly read: number;
    readonly resumptions: number;
    readonly looks: number;
  };
  /** In the inbox, and not seen. */
  readonly missed: readonly string[];
  /** Seen more than once by one reader. */
  readonly doubled: readonly string[];
  /** Seen after a message that follows it in the inbox. */
  readonly swapped: readonly string[];
  /** Seen, and not in the inbox. */
  readonly phantom: readonly string[];
  /** Read positions that went back, are behind an acknowledgement, or beyond what was requested. */
  readonly misplaced: readonly string[];
  readonly strange: readonly string[];
}

type Inboxes = ReadonlyMap<string, readonly string[]>;

/** Compares what readers have seen with the inboxes after they have read all of it. */
export function checkReaders(
  { sights, looks, resumptions, strange }: ReaderHistory,
  stored: Inboxes,
): ReaderFindings {
  const found = (find: (inbox: readonly string[], texts: readonly string[]) => string[]): string[] =>
    sights.flatMap(({ reader, to, texts }) => named(reader, find(stored.get(to) ?? [], texts)));
  const read = sights.reduce((sum, { texts }) => sum + texts.length, 0);
  return {
    counts: { readers: sights.length, read, resumptions, looks: looks.length },
    missed: found((inbox, texts) => without(texts, inbox)),
    doubled: found((_, texts) => repeated(texts)),
    swapped: found((inbox, texts) => outOfOrder([...new Set(texts)], inbox)),
    phantom: found((inbox, texts) => without(inbox, texts)),
    misplaced: misplaced(looks),
    strange,
  };
}

/** Formats the result as one readable line. */
export function summarizeReaders({ counts, ...found }: ReaderFindings): string {
  const { readers, read, resumptions, looks } = counts;
  const all = Object.entries(found).map(([name, texts]) => `${String(texts.length)} ${name}`);
  return (
    `${String(readers)} readers, ${String(read)} read, ${String(resumptions)} streams resumed, ` +
    `${String(looks)} looks at read positions: ${all.join(', ')}`
  );
}

function misplaced(looks: readonly Look[]): string[] {
  const highest = new Map<string, number>();
  return looks.flatMap(({ reader, position, confirmed, asked }) => {
    const least = Math.max(confirmed, highest.get(reader) ?? 0);
    highest.set(reader, Math.max(least, position));
    if (position >= least && position <= asked) return [];
    return [`${reader}: at ${String(position)}, not from ${String(least)} to ${String(asked)}`];
  });
}

function without(excluded: readonly string[], texts: readonly string[]): string[] {
  const known = new Set(excluded);
  return texts.filter((text) => !known.has(text));
}

function named(reader: string, texts: readonly string[]): string[] {
  return texts.map((text) => `${reader}: ${text}`);
}
