import { InMemoryAlerts } from '../../../support/memory/in-memory-alerts.js';
import { InMemoryGroupCountStore } from '../../../support/memory/in-memory-group-count-store.js';
import { InMemoryFailures } from '../../../support/memory/in-memory-failures.js';
import type { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
import { InMemoryApiKeys } from '../../../support/memory/in-memory-api-keys.js';
import type { AlertOutbox } from '../../../../src/application/ports/alerts.js';
import type { ApiKeys } from '../../../../src/application/ports/api-keys.js';
import type { Archive } from '../../../../src/application/ports/archive.js';
import type {
  FailedReplays,
  FailureGroups,
  FailureSets,
  GroupCountStore,
  ReplayJobs,
} from '../../../../src/application/ports/failures.js';
import type { InboxReader, InboxSignals, ReadPositions } from '../../../../src/application/ports/inbox.js';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import type { FailureSweep, MessageSweep } from '../../../../src/application/ports/sweeps.js';
import type { Message, StoredMessage } from '../../../../src/domain/message.js';

/** The clock of the stores under test. It stands still until a test moves it. */
export class TestClock {
  time = 1_700_000_100_000;
  now = (): number => this.time;
  elapsed = (): number => this.time;
}

/** One store through all the ports that it serves. */
export interface LedgerHandle {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly reader: InboxReader;
  readonly signals: InboxSignals;
  readonly positions: ReadPositions;
  readonly sweep: MessageSweep;
  readonly failureSweep: FailureSweep;
  readonly sets: FailureSets;
  readonly groups: FailureGroups;
  readonly groupCounts: GroupCountStore;
  readonly jobs: ReplayJobs;
  readonly failedReplays: FailedReplays;
  readonly alerts: AlertOutbox;
  readonly keys: ApiKeys;
}

/** Serves every port from the in-memory store. */
export function inMemoryHandle(ledger: InMemoryLedger): LedgerHandle {
  const itself = { archive: ledger, reader: ledger, signals: ledger, positions: ledger, sweep: ledger };
  const failures = new InMemoryFailures(ledger);
  const failureSweep = { sweep: (before: number) => ledger.sweepFailures(before) };
  const found = { sets: failures, groups: failures, jobs: failures, failedReplays: failures };
  const kept = {
    alerts: new InMemoryAlerts(),
    groupCounts: new InMemoryGroupCountStore(),
    keys: new InMemoryApiKeys(),
  };
  return { ledger, ...itself, ...found, ...kept, failureSweep };
}

export interface LedgerStore extends LedgerHandle {
  /** The same store, opened by another process; itself if no other process can open it. */
  other(): Promise<LedgerHandle>;
  /** Closes the store and reopens it from disk as a new process would. Called only if the features say `reopens`. */
  reopen(): Promise<LedgerHandle>;
  /** Closes everything that was opened through this store. */
  close(): Promise<void>;
}

/** Creates an empty store. */
export type LedgerStoreFactory = (clock: TestClock) => Promise<LedgerStore>;

export interface LedgerFeatures {
  readonly reopens: boolean;
  /** A document of more bytes is rejected; undefined if there is no limit. */
  readonly maxDocumentBytes?: number;
}

/** Provides a fresh store for each test of the calling suite. */
export function useStore(factory: LedgerStoreFactory): {
  readonly store: LedgerStore;
  readonly clock: TestClock;
} {
  const used = {} as { store: LedgerStore; clock: TestClock };
  beforeEach(async () => {
    used.clock = new TestClock();
    used.store = await factory(used.clock);
  });
  afterEach(async () => {
    // Undefined if creating the store failed; the test should report that failure.
    await (used.store as LedgerStore | undefined)?.close();
  });
  return used;
}

export async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

/** Reads a whole inbox, page by page. */
export async function inbox(reader: InboxReader, client: string, pageSize = 1_000): Promise<StoredMessage[]> {
  const read: StoredMessage[] = [];
  for (;;) {
    const page = await reader.page(client, read.at(-1)?.number ?? 0, pageSize);
    if (page.length === 0) return read;
    read.push(...page);
  }
}

export const textsOf = (messages: readonly Message[]): string[] => messages.map(({ message }) => message);

/** Replaces bytes by text, because two stores may return the same bytes in different array types. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
