import type { OwnRows, View } from '../../domain/access/grants.js';
import type { FailedMessage } from '../../domain/failures/failed-message.js';
import type { Archive, FailureQuery, ListedMessage, ListPlace, MessageQuery } from '../ports/archive.js';
import { inListOrder, type Placed } from './list-order.js';

export type ListArchive = Pick<Archive, 'messages' | 'failures' | 'messagePlaces' | 'failurePlaces'>;

/** Returns the lists of the archive with the rows that are in the view. */
export function listsIn(view: View, archive: ListArchive): ListArchive {
  return view.own === undefined ? archive : new OwnLists(archive, view.own);
}

/**
 * The lists of one client's own rows. They are read by sender and by recipient and merged, so the store never reads the
 * rows of other clients.
 */
class OwnLists implements ListArchive {
  constructor(
    private readonly archive: ListArchive,
    private readonly own: OwnRows,
  ) {}

  messages(query: MessageQuery): AsyncIterable<ListedMessage> {
    return merged(this.queries(query).map((own) => this.archive.messages(own)));
  }

  failures(query: FailureQuery): AsyncIterable<FailedMessage> {
    return merged(this.queries(query).map((own) => this.archive.failures(own)));
  }

  async messagePlaces(query: MessageQuery): Promise<readonly ListPlace[]> {
    const places = this.queries(query).map((own) => this.archive.messagePlaces(own));
    return mergedPlaces(await Promise.all(places), query);
  }

  async failurePlaces(query: FailureQuery): Promise<readonly ListPlace[]> {
    const places = this.queries(query).map((own) => this.archive.failurePlaces(own));
    return mergedPlaces(await Promise.all(places), query);
  }

  /** Returns at most two queries, whose rows together are the own rows that match the given one. */
  private queries<Q extends MessageQuery>(query: Q): Q[] {
    const { client, sent, received } = this.own;
    const queries: Q[] = [];
    if (sent && (query.from ?? client) === client) queries.push({ ...query, from: client });
    if (received && (query.to ?? client) === client) queries.push({ ...query, to: client });
    return queries;
  }
}

/** Merges rows that are each in the order of lists. A row that several of them have is returned once. */
async function* merged<T extends Placed>(lists: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = lists.map((list) => list[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      const rows = heads.flatMap(({ done, value }) => (done === true ? [] : [value]));
      const [first] = rows.sort(inListOrder);
      if (first === undefined) return;
      yield first;
      for (const [at, iterator] of iterators.entries()) {
        const head = heads[at];
        if (head?.done !== true && head?.value.id === first.id) heads[at] = await iterator.next();
      }
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

function mergedPlaces(lists: readonly (readonly ListPlace[])[], { limit }: MessageQuery): ListPlace[] {
  const places = lists.flat().sort(inListOrder);
  return places.filter(({ id }, at) => id !== places[at - 1]?.id).slice(0, limit);
}
