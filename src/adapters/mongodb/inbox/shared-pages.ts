import { setImmediate as nextTurn } from 'node:timers/promises';
import { groupBy } from '../../../application/group-by.js';
import type { StoredMessage } from '../../../domain/message.js';

/** A page of an inbox: up to `limit` messages with numbers above `after`. */
export interface PageRequest {
  readonly client: string;
  readonly after: number;
  readonly limit: number;
}

export interface PageQueries {
  /** Returns the page, ascending. */
  page(request: PageRequest): Promise<readonly StoredMessage[]>;
  /** Returns, for each request, the messages numbered from `after + 1` to `after + limit`, in any order. */
  ranges(requests: readonly PageRequest[]): Promise<readonly StoredMessage[]>;
}

type Rows = ReadonlyMap<string, readonly StoredMessage[]>;

/** Requests that are answered by one query. */
interface Batch {
  /** By client, position and limit, so that equal requests are one. */
  readonly requests: Map<string, PageRequest>;
  /** The most rows that they may return together. */
  size: number;
  /** By client. */
  readonly rows: Promise<Rows>;
}

const MAX_ROWS = 1_000;

/**
 * Collects the pages that are requested in one turn of the event loop, and reads them with one query, or with a few if
 * the pages are long. Readers that are woken together share a query, and an inbox with many readers is read only once
 * for all of them.
 */
export class SharedPages {
  private open: Batch | undefined;

  constructor(private readonly queries: PageQueries) {}

  async page(request: PageRequest): Promise<readonly StoredMessage[]> {
    const { client, after, limit } = request;
    const { requests, rows } = this.join(request);
    const found = (await rows).get(client) ?? [];
    if (requests.size === 1) return found;
    const inRange = found
      .filter(({ number }) => number > after && number <= after + limit)
      .sort((one, other) => one.number - other.number);
    // Otherwise the inbox has no further messages, or its next one is beyond the range because the numbers before it
    // were swept.
    return inRange[0]?.number === after + 1 ? inRange : this.queries.page(request);
  }

  private join(request: PageRequest): Batch {
    const key = JSON.stringify([request.client, request.after, request.limit]);
    let batch = this.open;
    if (batch?.requests.has(key)) return batch;
    if (batch === undefined || batch.size + request.limit > MAX_ROWS) batch = this.begin();
    batch.requests.set(key, request);
    batch.size += request.limit;
    return batch;
  }

  private begin(): Batch {
    const requests = new Map<string, PageRequest>();
    const rows = nextTurn().then(() => {
      if (this.open?.requests === requests) this.open = undefined;
      return this.read([...requests.values()]);
    });
    return (this.open = { requests, size: 0, rows });
  }

  private async read(requests: readonly PageRequest[]): Promise<Rows> {
    const [first] = requests;
    if (requests.length === 1 && first) return new Map([[first.client, await this.queries.page(first)]]);
    return groupBy(await this.queries.ranges(requests), ({ to }) => to);
  }
}
