import { inListOrder, type Placed } from '../../../application/inbox/list-order.js';

/** How many ids of one millisecond are remembered. Beyond that, what moves meanwhile may be listed twice. */
const REMEMBERED_IDS = 100_000;

/**
 * Merges two lists of one order, with a row of each in memory. What stands at the same place in both comes from the second.
 * What moves from the first to the second meanwhile, to a later place of the same millisecond, is listed once.
 */
export async function* mergedLists<T extends Placed>(
  first: AsyncGenerator<T>,
  second: AsyncGenerator<T>,
): AsyncGenerator<T> {
  const listed = new ListedIds();
  try {
    // The second begins when the first has begun: what moves from there to here meanwhile is not missed.
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

/** The ids of the first list that were listed with the time that the lists have come to. */
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

/** The end of a list comes after everything. */
function compared(left: Placed | undefined, right: Placed | undefined): number {
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined);
  return inListOrder(left, right);
}
