import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import type { DeliveryContext } from '../delivery-context.js';
import type { Item } from '../item.js';

/** Publishes what a partition's items wait for: their dead letters. */
export class DeadLetterRuns {
  constructor(
    private readonly context: Pick<DeliveryContext, 'publish' | 'publishAll'>,
    /** The partition is no longer assigned, or is being drained. */
    private readonly isOver: () => boolean,
    /** Called with all items that block some lanes when the log has confirmed their dead letters. */
    private readonly release: (items: readonly Item[]) => void,
  ) {}

  /** Publishes the dead letters together. Where the log confirms only some of a lane, the rest follow one by one. */
  async publish(items: readonly Item[]): Promise<void> {
    if (items.length > 1) await this.publishAll(items);
    if (this.isOver()) return;
    const unconfirmed = new Set(items.filter((item) => letterOf(item)).map(({ lane }) => lane));
    const confirmed = items.filter(({ lane }) => !unconfirmed.has(lane));
    if (confirmed.length > 0) this.release(confirmed);
    // By lane, so that a dead letter which can't be published holds up no one else.
    for (const name of unconfirmed) void this.publishEach(items.filter(({ lane }) => lane === name));
  }

  private async publishAll(items: readonly Item[]): Promise<void> {
    const published = await this.context.publishAll(items.flatMap((item) => letterOf(item) ?? []));
    items.forEach((item, at) => {
      const letter = published[at];
      if (letter !== undefined) toBeRecorded(item, letter);
    });
  }

  private async publishEach(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      const letter = letterOf(item);
      if (letter === undefined) continue;
      const published = await this.context.publish(letter, this.isOver);
      if (published === undefined) return;
      toBeRecorded(item, published);
    }
    this.release(items);
  }
}

/** The dead letter that the log has not confirmed yet. */
function letterOf({ step }: Item): DeadLetter | undefined {
  return step.kind === 'publish' ? step.letter : undefined;
}

function toBeRecorded(item: Item, letter: DeadLetter): void {
  item.entry = { kind: 'dead-letter', letter };
  item.step = { kind: 'settle' };
}
