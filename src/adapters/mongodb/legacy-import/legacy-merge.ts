import { inListOrder, type Placed } from '../../../application/inbox/list-order.js';

/**
 * The number of ids of one millisecond that are remembered. Beyond that, a row that moves during the listing may be
 * listed twice.
 */
const REMEMBERED_IDS = 100_000;

/**
 * Merges two lists that have the same order, with one row of each in memory. If both have a row at the same place,
 * yields that of the second. A row that moves during the listing from the first to the second, to a later place of
 * the same millisecond, is listed once.
 */
export async function* mergedLists<T extends Placed>(
  first: AsyncGenerator<T>,
  second: AsyncGenerator<T>,
): AsyncGenerator<T> {
  const listed = new ListedIds();
  try {
    // The second list is read after the first, so that a row that moves from the first to the second is not missed.
    let left = await nextOf(first);
    let right = await nextOf(second);
    for (;;) {
      const order = compared(left, right);
      const row = order < 0 ? left : right;
      if (row === undefined) return;
      if (order < 0) listed.add(row);
      if (order <= 0 || !listed.has(row)) yield row;
      if (order <= 0) left = await nextOf(first);
      if (order >= 0) right = await nextOf(second);
    }
  } finally {
    await Promise.allSettled([first.return(undefined), second.return(undefined)]);
  }
}

/** The ids that were listed from the first list with the latest `sentAt`. */
class ListedIds {
  private readonly ids = new Set<string>();
  private sentAt = NaN;

  add({ sentAt, id }: Placed): void {
    if (sentAt !== this.sentAt || this.ids.size >= REMEMBERED_IDS) this.ids.clear();
    this.sentAt = sentAt;
    this.ids.add(id);
  }

  has({ sentAt, id }: Placed): boolean {
    return sentAt === this.sentAt && this.ids.has(id);
  }
}

async function nextOf<T>(rows: AsyncGenerator<T>): Promise<T | undefined> {
  const next = await rows.next();
  return next.done === true ? undefined : next.value;
}

/** Compares two rows. The end of a list (undefined) comes last. */
function compared(left: Placed | undefined, right: Placed | undefined): number {
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined);
  return inListOrder(left, right);
}
