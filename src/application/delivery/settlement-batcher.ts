import type { Entry, Outcome } from '../../domain/delivery/settlement.js';
import { DependencyUnavailable } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, type Ledger } from '../ports/ledger.js';

interface Request {
  readonly entries: readonly Entry[];
  readonly bytes: number;
  resolve(outcomes: readonly Outcome[]): void;
  reject(error: unknown): void;
}

// During a backlog, several transactions keep the store busy. Otherwise a few messages wait and share the next one.
const AT_ONCE = 4;
const WORTH_ONE_MORE = MAX_BATCH_ENTRIES / 2;

/**
 * Settles the entries of several partitions in one transaction, because a transaction costs the store about the
 * same whatever its size. The requests of one fetch share a transaction, and so do those that arrive while the
 * store is busy. If a shared transaction fails, each request is settled separately, so one request's failure does
 * not affect the others.
 */
export class SettlementBatcher {
  private waiting: Request[] = [];
  private inFlight = 0;
  private isDue = false;

  constructor(
    private readonly ledger: Pick<Ledger, 'settle'>,
    private readonly clock: Pick<Clock, 'after'>,
  ) {}

  /** Settles as `Ledger.settle` does. */
  settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entries, bytes: bytesOf(entries), resolve, reject });
      this.nextSoon();
    });
  }

  /**
   * Begins transactions a moment later, when other partitions of the same fetch, and those whose transaction
   * has just ended, have added their entries. Otherwise these entries would miss the transaction, and wait
   * for it and then for their own.
   */
  private nextSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    this.clock.after(0, () => {
      this.isDue = false;
      this.next();
    });
  }

  private next(): void {
    while (this.waiting.length > 0 && this.mayBegin()) {
      this.inFlight += 1;
      void this.run(this.take()).finally(() => {
        this.inFlight -= 1;
        this.nextSoon();
      });
    }
  }

  private mayBegin(): boolean {
    if (this.inFlight === 0) return true;
    let entries = 0;
    for (const request of this.waiting) entries += request.entries.length;
    return this.inFlight < AT_ONCE && entries >= WORTH_ONE_MORE;
  }

  private async run(requests: readonly Request[]): Promise<void> {
    try {
      const outcomes = await this.ledger.settle(requests.flatMap(({ entries }) => entries));
      let at = 0;
      for (const request of requests) request.resolve(outcomes.slice(at, (at += request.entries.length)));
    } catch (error) {
      // An outage concerns every request. Any other error concerns one request, found by settling each separately.
      if (requests.length === 1 || error instanceof DependencyUnavailable) {
        for (const request of requests) request.reject(error);
      } else {
        for (const request of requests) await this.run([request]);
      }
    }
  }

  private take(): Request[] {
    let [count, entries, bytes] = [0, 0, 0];
    for (const request of this.waiting) {
      entries += request.entries.length;
      bytes += request.bytes;
      if (count > 0 && (entries > MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }
}

/** Estimates the bytes of texts and values, never too low. */
function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) {
    const text = entry.kind === 'delivery' ? entry.message.message : entry.letter.message;
    bytes += 3 * text.length + (entry.kind === 'delivery' ? 0 : (entry.letter.value?.length ?? 0));
  }
  return bytes;
}
