import { InMemoryLedger } from '../memory/in-memory-ledger.js';
import { DependencyUnavailable, QueryTooSlow } from '../../../src/application/errors.js';
import { FollowInbox } from '../../../src/application/inbox/follow-inbox.js';
import { InboxPages, type InboxPage } from '../../../src/application/inbox/inbox-pages.js';
import { InboxWatch } from '../../../src/application/inbox/inbox-watch.js';
import { ReadInbox, type PageRequest } from '../../../src/application/inbox/read-inbox.js';
import type { InboxReader, InboxListener } from '../../../src/application/ports/inbox.js';
import { aDelivery, identities } from '../builders.js';
import { FakeClock } from '../fake-clock.js';

/** One inbox and one follower, with a store that may be down, signals that may be lost, and late numbers. */
export class Following {
  readonly clock = new FakeClock();
  readonly ledger = new InMemoryLedger(this.clock, identities);
  readonly seen: number[] = [];
  readonly abort = new AbortController();
  isDown = false;
  isSlow = false;
  signalsAreLost = false;
  /** Numbers that are not visible yet. */
  hidden = new Set<number>();
  /** The last number that ordinary reads show, if the inbox is longer. */
  visibleEnd = Infinity;
  /** The same for confirmed reads; `undefined` makes them fail. */
  confirmedEnd: number | undefined = Infinity;
  confirmations = 0;
  /** Reads of messages. */
  reads = 0;
  expired = 0;
  readonly watch: InboxWatch;
  readonly pages: InboxPages;
  /** The stream was opened: its cursor was not known to be ahead. */
  isOpen = false;
  ended = false;
  rejection: unknown;

  constructor() {
    const reader = this.reader();
    const subscribe = (listener: InboxListener): (() => void) =>
      this.ledger.subscribe((client) => {
        if (!this.signalsAreLost) listener(client);
      });
    this.watch = new InboxWatch({ subscribe }, reader, this.clock);
    this.pages = new InboxPages(reader, this.clock);
  }

  start(after?: number): this {
    void this.follow(after).catch((error: unknown) => (this.rejection = error));
    return this;
  }

  poll(request: Partial<PageRequest>): Promise<InboxPage> {
    const polling = new ReadInbox(this.pages, this.watch, this.ledger, this.clock);
    return polling.page({ client: 'b', limit: 10, waitMs: 0, signal: this.abort.signal, ...request });
  }

  async store(count: number): Promise<void> {
    await this.ledger.settle(Array.from({ length: count }, () => aDelivery({ to: 'b' })));
  }

  private async follow(after?: number): Promise<void> {
    const following = new FollowInbox(this.pages, this.watch, this.clock, () => 0.5);
    const { signal } = this.abort;
    const start = after === undefined ? {} : { after };
    const batches = await following.follow({ client: 'b', signal, ...start });
    this.isOpen = true;
    for await (const rows of batches) {
      this.seen.push(...rows.messages.map(({ number }) => number));
      if (rows.expired) this.expired += 1;
    }
    this.ended = true;
  }

  private reader(): InboxReader {
    const { ledger } = this;
    const page: InboxReader['page'] = async (client, after, limit) => {
      this.failIfDown();
      this.reads += 1;
      const rows = await ledger.page(client, after, limit + this.hidden.size);
      const visible = rows.filter(({ number }) => !this.hidden.has(number) && number <= this.visibleEnd);
      return visible.slice(0, limit);
    };
    return {
      page,
      numbers: async (...range) => (await page(...range)).map(({ number }) => number),
      state: async (client) => {
        this.failIfDown();
        const state = await ledger.state(client);
        return { ...state, last: Math.min(state.last, this.visibleEnd) };
      },
      lastNumbers: async (clients) => {
        this.failIfDown();
        const found = await ledger.lastNumbers(clients);
        return new Map([...found].map(([client, last]) => [client, Math.min(last, this.visibleEnd)]));
      },
      confirmedLast: async (client) => {
        this.failIfDown();
        this.confirmations += 1;
        if (this.confirmedEnd === undefined) throw new DependencyUnavailable('store', undefined);
        return Math.min(await ledger.confirmedLast(client), this.confirmedEnd);
      },
    };
  }

  private failIfDown(): void {
    if (this.isDown) throw new DependencyUnavailable('store', undefined);
    if (this.isSlow) throw new QueryTooSlow(undefined);
  }
}
