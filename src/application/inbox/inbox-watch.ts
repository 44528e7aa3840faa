import type { CancelTimer, Clock } from '../ports/clock.js';
import type { InboxReader, InboxSignals } from '../ports/inbox.js';
import { Watch } from './watch.js';

const POLL_MS = 15_000;
const POLL_RETRY_MS = 1_000;
const CLIENTS_PER_QUERY = 1_000;

/**
 * All watches of a process, woken by one subscription. One periodic query for all of them finds changes that no
 * signal announced. The same query follows a signal without a client, so that a thousand readers do not all read at
 * once, and finds readers whose inbox went back.
 */
export class InboxWatch {
  private readonly watches = new Map<string, Set<Watch>>();
  private unsubscribe: (() => void) | undefined;
  private cancelPoll: CancelTimer | undefined;
  private isClosed = false;

  constructor(
    private readonly signals: InboxSignals,
    private readonly reader: Pick<InboxReader, 'lastNumbers'>,
    private readonly clock: Clock,
  ) {}

  /** The number of open watches. */
  get size(): number {
    let size = 0;
    for (const watches of this.watches.values()) size += watches.size;
    return size;
  }

  /** Opens a watch for changes from now on; the caller then reads what is there already. The caller must close it. */
  open(client: string): Watch {
    const watch = new Watch(this.clock, () => {
      this.remove(client, watch);
    });
    if (this.isClosed) {
      watch.close();
      return watch;
    }
    const others = this.watches.get(client);
    if (others) others.add(watch);
    else this.watches.set(client, new Set([watch]));
    this.unsubscribe ??= this.signals.subscribe(this.onSignal);
    if (this.cancelPoll === undefined) this.pollLater(POLL_MS);
    return watch;
  }

  /** Closes every watch, and every one that is opened later. May be called twice. */
  close(): void {
    this.isClosed = true;
    this.unsubscribe?.();
    this.cancelPoll?.();
    for (const watch of [...this.watches.values()].flatMap((watches) => [...watches])) watch.close();
  }

  private readonly onSignal = (client?: string, last?: number): void => {
    if (client === undefined) this.pollLater(0);
    else for (const watch of this.watches.get(client) ?? []) watch.wake(last);
  };

  private remove(client: string, watch: Watch): void {
    const others = this.watches.get(client);
    others?.delete(watch);
    if (others?.size === 0) this.watches.delete(client);
  }

  private pollLater(delayMs: number): void {
    this.cancelPoll?.();
    this.cancelPoll = this.clock.after(delayMs, () => {
      this.cancelPoll = undefined;
      void this.poll();
    });
  }

  private async poll(): Promise<void> {
    let nextMs = POLL_MS;
    try {
      const clients = [...this.watches.keys()];
      for (let at = 0; at < clients.length; at += CLIENTS_PER_QUERY) {
        await this.pollClients(clients.slice(at, at + CLIENTS_PER_QUERY));
      }
    } catch {
      // Other code reports the outage. The next query finds what changed during it.
      nextMs = POLL_RETRY_MS;
    }
    // A signal during the query may have set the timer already.
    if (!this.isClosed && this.cancelPoll === undefined && this.watches.size > 0) this.pollLater(nextMs);
  }

  private async pollClients(clients: readonly string[]): Promise<void> {
    const lastNumbers = await this.reader.lastNumbers(clients);
    for (const client of clients) {
      const last = lastNumbers.get(client) ?? 0;
      for (const watch of this.watches.get(client) ?? []) {
        if (watch.position !== undefined && watch.position > last) watch.mayBeAhead = true;
        if (watch.position !== last) watch.wake();
      }
    }
  }
}
