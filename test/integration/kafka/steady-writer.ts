import { SendFailed } from '../../../src/application/errors.js';
import type { RecordLog } from '../../../src/application/ports/record-log.js';
import { aRecord } from '../../contract/log/log-under-test.js';

const KEYS = Array.from({ length: 10 }, (_, n) => `client-${String(n)}`);

/** Appends batch after batch until it is stopped, and records what was confirmed, by key. */
export class SteadyWriter {
  readonly confirmed = new Map<string, string[]>(KEYS.map((key) => [key, []]));
  /** The number of appends that were given up. */
  givenUp = 0;
  private stopped = false;
  private batches = 0;
  private readonly writing: Promise<void>;

  constructor(
    private readonly log: RecordLog,
    private readonly timeoutMs: number,
  ) {
    this.writing = this.write();
  }

  get count(): number {
    return [...this.confirmed.values()].reduce((sum, texts) => sum + texts.length, 0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.writing;
  }

  private async write(): Promise<void> {
    while (!this.stopped) {
      const batch = (this.batches += 1);
      const texts = KEYS.map((key) => `${key} number ${String(batch)}`);
      const records = KEYS.map((key, n) => aRecord(key, texts[n] ?? ''));
      try {
        await this.log.append(records, AbortSignal.timeout(this.timeoutMs));
        KEYS.forEach((key, n) => this.confirmed.get(key)?.push(texts[n] ?? ''));
      } catch (error) {
        if (!(error instanceof SendFailed)) throw error;
        this.givenUp += 1;
      }
    }
  }
}

/** Finds confirmed records that are missing, and records out of order; duplicates are allowed. */
export function compare(
  confirmed: ReadonlyMap<string, readonly string[]>,
  received: readonly string[],
): { readonly lost: readonly string[]; readonly swapped: readonly string[] } {
  const place = new Map<string, number>();
  received.forEach((text, index) => {
    if (!place.has(text)) place.set(text, index);
  });
  const lost = [...confirmed.values()].flat().filter((text) => !place.has(text));
  const swapped = [...confirmed.values()].flatMap((texts) =>
    texts.filter((text, n) => n > 0 && (place.get(text) ?? 0) < (place.get(texts[n - 1] ?? '') ?? 0)),
  );
  return { lost, swapped };
}
