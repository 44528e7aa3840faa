// Fills a folder of the embedded back end with failed messages.
import { EmbeddedInboxSignals } from '../../src/adapters/embedded/inbox/embedded-inbox-signals.js';
import { EmbeddedLedger } from '../../src/adapters/embedded/delivery/embedded-ledger.js';
import { EmbeddedStore } from '../../src/adapters/embedded/store/embedded-store.js';
import { SystemClock } from '../../src/adapters/system/system-clock.js';
import { sha256 } from '../../src/adapters/codec/sha256.js';
import { Identities } from '../../src/domain/identity.js';
import { serve } from '../processes/serve.js';
import { deadLetter } from './failure-documents.js';

export interface FillFolderJob {
  readonly folder: string;
  readonly failures: number;
  readonly recipients: number;
  readonly groups: number;
}

const BATCH = 2_000;

async function fill({ folder, failures, recipients, groups }: FillFolderJob): Promise<void> {
  const store = EmbeddedStore.open(folder);
  const identities = new Identities(sha256);
  const ledger = new EmbeddedLedger(store, new SystemClock(), identities, new EmbeddedInboxSignals());
  for (let first = 0; first < failures; first += BATCH) {
    const length = Math.min(BATCH, failures - first);
    const letters = Array.from({ length }, (_, at) => deadLetter(first + at, recipients, groups));
    await ledger.settle(letters.map((letter) => ({ kind: 'dead-letter', letter }) as const));
  }
  await store.close();
}

const tasks = { fill };
export type FillFolderTasks = typeof tasks;

serve(tasks);
