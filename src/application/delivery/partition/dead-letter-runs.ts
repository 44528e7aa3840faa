import type { DeadLetter } from '../../../domain/failures/failed-message.js';
import type { DeliveryContext } from '../delivery-context.js';
import type { Item } from '../item.js';
import { toBeRecorded } from './next-item.js';

/** Publishes the dead letters that a partition's items wait for. */
export class DeadLetterRuns {
  constructor(
    private readonly context: Pick<DeliveryContext, 'publish' | 'publishAll'>,
    /** Returns true if the partition is no longer assigned, or is being drained. */
    private readonly isOver: () => boolean,
    /** Called with all items that block some ordering keys, when the log has confirmed their dead letters. */
    private readonly release: (items: readonly Item[]) => void,
  ) {}

  /**
   * Publishes the dead letters together. Each ordering key continues as soon as its own dead letters are confirmed.
   * If the log confirms only some of a key, the others follow one by one.
   */
  publish(items: readonly Item[]): void {
    if (items.length === 1) {
      void this.publishEach(items);
      return;
    }
    const current = [...items];
    const unanswered = new Set(items.keys());
    this.context.publishAll(
      items.flatMap((item) => letterOf(item) ?? []),
      (answers) => {
        const keys = new Set<string>();
        for (const { place, isConfirmed } of answers) {
          const item = current[place] as Item;
          const letter = letterOf(item);
          if (isConfirmed && letter) current[place] = toBeRecorded(item, letter);
          unanswered.delete(place);
          keys.add(item.orderingKey);
        }
        for (const place of unanswered) keys.delete((items[place] as Item).orderingKey);
        this.continueWith(current.filter(({ orderingKey }) => keys.has(orderingKey)));
      },
    );
  }

  private continueWith(items: readonly Item[]): void {
    if (this.isOver()) return;
    const unconfirmed = new Set(items.filter((item) => letterOf(item)).map(({ orderingKey }) => orderingKey));
    const confirmed = items.filter(({ orderingKey }) => !unconfirmed.has(orderingKey));
    if (confirmed.length > 0) this.release(confirmed);
    // By ordering key, so that a dead letter which cannot be published delays no other recipient.
    for (const name of unconfirmed)
      void this.publishEach(items.filter(({ orderingKey }) => orderingKey === name));
  }

  private async publishEach(items: readonly Item[]): Promise<void> {
    const confirmed: Item[] = [];
    for (const item of items) {
      const letter = letterOf(item);
      const published = letter && (await this.context.publish(letter, this.isOver));
      if (letter && !published) return;
      confirmed.push(published ? toBeRecorded(item, published) : item);
    }
    this.release(confirmed);
  }
}

/** Returns the dead letter that the log has not confirmed yet. */
function letterOf({ step }: Item): DeadLetter | undefined {
  return step.kind === 'publish' ? step.letter : undefined;
}
