interface Row {
  readonly sentAt: number;
  readonly id: string;
}

/** Two lists in the order of (sentAt, id) as one, a row of each in memory; what stands in both comes from the second. */
export async function* mergedLists<T extends Row>(
  first: AsyncGenerator<T>,
  second: AsyncGenerator<T>,
): AsyncGenerator<T> {
  try {
    // The second begins when the first has begun: what moves from there to here meanwhile is not missed.
    let left = await nextOf(first);
    let right = await nextOf(second);
    for (;;) {
      const order = compared(left, right);
      const row = order < 0 ? left : right;
      if (row === undefined) return;
      yield row;
      if (order <= 0) left = await nextOf(first);
      if (order >= 0) right = await nextOf(second);
    }
  } finally {
    await Promise.allSettled([first.return(undefined), second.return(undefined)]);
  }
}

async function nextOf<T>(rows: AsyncGenerator<T>): Promise<T | undefined> {
  const next = await rows.next();
  return next.done === true ? undefined : next.value;
}

/** The end of a list comes after everything. */
function compared(left: Row | undefined, right: Row | undefined): number {
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined);
  if (left.sentAt !== right.sentAt) return left.sentAt - right.sentAt;
  return left.id < right.id ? -1 : Number(left.id > right.id);
}
