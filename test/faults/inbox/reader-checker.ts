import { outOfOrder, repeated } from '../checker.js';

/** What one reader received from one inbox, in order of arrival. */
export interface ReceivedTexts {
  readonly reader: string;
  readonly to: string;
  readonly texts: readonly string[];
}

/** A read position, read by its only writer with no write in flight. */
export interface PositionCheck {
  readonly reader: string;
  readonly position: number;
  /** The highest number whose acknowledgement was confirmed, and the highest that was requested. */
  readonly confirmed: number;
  readonly requested: number;
}

export interface ReaderHistory {
  readonly received: readonly ReceivedTexts[];
  readonly positionChecks: readonly PositionCheck[];
  /** How often a stream was reopened. */
  readonly resumptions: number;
  /** Responses that no fault explains. */
  readonly unexplained: readonly string[];
}

export interface ReaderFindings {
  readonly counts: {
    readonly readers: number;
    readonly read: number;
    readonly resumptions: number;
    readonly positionChecks: number;
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
  readonly unexplained: readonly string[];
}

type Inboxes = ReadonlyMap<string, readonly string[]>;

/** Compares what readers have seen with the inboxes after they have read all of it. */
export function checkReaders(
  { received, positionChecks, resumptions, unexplained }: ReaderHistory,
  stored: Inboxes,
): ReaderFindings {
  const found = (find: (inbox: readonly string[], texts: readonly string[]) => string[]): string[] =>
    received.flatMap(({ reader, to, texts }) => named(reader, find(stored.get(to) ?? [], texts)));
  const read = received.reduce((sum, { texts }) => sum + texts.length, 0);
  return {
    counts: { readers: received.length, read, resumptions, positionChecks: positionChecks.length },
    missed: found((inbox, texts) => without(texts, inbox)),
    doubled: found((_, texts) => repeated(texts)),
    swapped: found((inbox, texts) => outOfOrder([...new Set(texts)], inbox)),
    phantom: found((inbox, texts) => without(inbox, texts)),
    misplaced: misplaced(positionChecks),
    unexplained,
  };
}

/** Formats the result as one readable line. */
export function summarizeReaders({ counts, ...found }: ReaderFindings): string {
  const { readers, read, resumptions, positionChecks } = counts;
  const all = Object.entries(found).map(([name, texts]) => `${String(texts.length)} ${name}`);
  return (
    `${String(readers)} readers, ${String(read)} read, ${String(resumptions)} streams resumed, ` +
    `${String(positionChecks)} read positions checked: ${all.join(', ')}`
  );
}

function misplaced(positionChecks: readonly PositionCheck[]): string[] {
  const highest = new Map<string, number>();
  return positionChecks.flatMap(({ reader, position, confirmed, requested }) => {
    const least = Math.max(confirmed, highest.get(reader) ?? 0);
    highest.set(reader, Math.max(least, position));
    if (position >= least && position <= requested) return [];
    return [`${reader}: at ${String(position)}, not from ${String(least)} to ${String(requested)}`];
  });
}

function without(excluded: readonly string[], texts: readonly string[]): string[] {
  const known = new Set(excluded);
  return texts.filter((text) => !known.has(text));
}

function named(reader: string, texts: readonly string[]): string[] {
  return texts.map((text) => `${reader}: ${text}`);
}
