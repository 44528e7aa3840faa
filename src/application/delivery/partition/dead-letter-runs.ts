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

  /**
   * Publishes the dead letters together. A lane goes on as soon as its own are confirmed. If the log confirms only some
   * of a lane, the rest follow one by one.
   */
  publish(items: readonly Item[]): void {
    if (items.length === 1) {
      void this.publishEach(items);
      return;
    }
    const unanswered = new Set(items);
    this.context.publishAll(
      items.flatMap((item) => letterOf(item) ?? []),
      (answers) => {
        const lanes = new Set<string>();
        for (const { place, isConfirmed } of answers) {
          const item = items[place] as Item;
          const letter = letterOf(item);
          if (isConfirmed && letter) toBeRecorded(item, letter);
          unanswered.delete(item);
          lanes.add(item.lane);
        }
        for (const { lane } of unanswered) lanes.delete(lane);
        this.goOn(items.filter(({ lane }) => lanes.has(lane)));
      },
    );
  }

  private goOn(items: readonly Item[]): void {
    if (this.isOver()) return;
    const unconfirmed = new Set(items.filter((item) => letterOf(item)).map(({ lane }) => lane));
    const confirmed = items.filter(({ lane }) => !unconfirmed.has(lane));
    if (confirmed.length > 0) this.release(confirmed);
    // By lane, so that a dead letter which can't be published holds up no one else.
    for (const name of unconfirmed) void this.publishEach(items.filter(({ lane }) => lane === name));
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
