import { setTimeout as sleep } from 'node:timers/promises';
import { chunksOf, type InboxConnection, type InboxPage, type InboxRow } from './inbox-connection.js';
import type { PositionCheck } from './reader-checker.js';

/** A reader that reads an inbox to its end, and continues from its cursor each time `read` is called. */
export interface InboxReader {
  readonly name: string;
  readonly inbox: InboxConnection;
  readonly rows: readonly InboxRow[];
  /** Reads for a while. Rejects when its connection ends or the program answers that it is unavailable. */
  read(): Promise<void>;
}

const PAGE_LIMIT = 50;
const PAGE_PAUSE_MS = 25;
const POLL_WAIT_S = 5;
const CHECK_EVERY_ROUNDS = 4;

/** Reads events, and reconnects after the last complete one. */
export class StreamReader implements InboxReader {
  readonly rows: InboxRow[] = [];
  readonly name: string;
  opened = 0;

  constructor(readonly inbox: InboxConnection) {
    this.name = `stream of ${inbox.client}`;
  }

  async read(): Promise<void> {
    const response = await this.inbox.stream(this.rows.at(-1)?.cursor);
    this.opened += 1;
    let text = '';
    for await (const chunk of chunksOf(response)) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  /** Lines with `retry` and comments may precede an event. They have no blank line of their own. */
  private take(block: string): void {
    const [, id, data] = /^(?:retry: \d+\n|:\n)*id: (.*)\ndata: (.*)$/.exec(block) ?? [];
    if (data === undefined) throw new Error(`no event: ${block}`);
    const row = JSON.parse(data) as InboxRow;
    if (row.cursor !== id) throw new Error(`an event whose id is not its cursor: ${block}`);
    this.rows.push(unexpired(row));
  }
}

/** Follows with `after` and small pages. */
export class PageReader implements InboxReader {
  readonly rows: InboxRow[] = [];
  readonly name: string;
  private next = '0';

  constructor(readonly inbox: InboxConnection) {
    this.name = `pager of ${inbox.client}`;
  }

  async read(): Promise<void> {
    for (;;) {
      const page = await this.inbox.page(`after=${this.next}&limit=${String(PAGE_LIMIT)}`);
      this.rows.push(...unexpired(page).messages);
      this.next = page.next;
      if (page.messages.length < PAGE_LIMIT) await sleep(PAGE_PAUSE_MS);
    }
  }
}

/** Waits for messages, acknowledges them, and checks the read position, which only this reader moves. */
export class PollReader implements InboxReader {
  readonly rows: InboxRow[] = [];
  readonly positionChecks: PositionCheck[] = [];
  readonly name: string;
  private next: string | undefined;
  private requested = 0;
  private confirmed = 0;

  constructor(readonly inbox: InboxConnection) {
    this.name = `poller of ${inbox.client}`;
  }

  async read(): Promise<void> {
    for (let round = 0; ; round += 1) {
      // Without a cursor, it starts with unread messages: all of them, as long as it has acknowledged nothing.
      const after = this.next === undefined ? '' : `after=${this.next}&`;
      const page = await this.inbox.page(`${after}limit=1000`, POLL_WAIT_S);
      this.rows.push(...unexpired(page).messages);
      const before = this.next ?? page.next;
      this.next = page.next;
      await this.acknowledge(page.next);
      if (round % CHECK_EVERY_ROUNDS === 0) await this.checkPosition(before);
      await sleep(PAGE_PAUSE_MS);
    }
  }

  private async acknowledge(through: string): Promise<void> {
    this.requested = Math.max(this.requested, numberOf(through));
    await this.inbox.markRead(through);
    this.confirmed = Math.max(this.confirmed, numberOf(through));
  }

  /** Checks that acknowledging an old number does not move the read position. */
  private async checkPosition(earlier: string): Promise<void> {
    await this.acknowledge(earlier);
    const { requested, confirmed } = this;
    const { messages, next, unread } = await this.inbox.page('limit=1');
    if (unread < messages.length) throw new Error(`${String(unread)} unread, but there is one`);
    const [first] = messages;
    const position = first === undefined ? numberOf(next) : numberOf(first.cursor) - 1;
    this.positionChecks.push({ reader: this.name, position, confirmed, requested });
  }
}

/** Nothing expires in a fault run. */
function unexpired<T extends InboxPage | InboxRow>(given: T): T {
  if (given.expired === true) throw new Error(`expired: ${JSON.stringify(given).slice(0, 200)}`);
  return given;
}

/** Clients cannot know that a cursor is a number, but this checker may. */
function numberOf(cursor: string): number {
  return Number(cursor);
}
