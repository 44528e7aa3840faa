import type { Known } from '../../domain/delivery/fate.js';
import type { MessageId } from '../../domain/message.js';
import type { Watch } from '../inbox/watch.js';
import type { Archive } from '../ports/archive.js';
import type { Clock } from '../ports/clock.js';
import { backoff } from '../timing.js';

interface Waiting {
  readonly id: MessageId;
  readonly onKnown: (known?: Known) => void;
  /** Called when the watch has ended and no more look-ups will follow. */
  readonly onEnd: () => void;
}

const MAX_IDS = 500;
const RETRY_MS = 500;

/** Looks up the ids that sends to one inbox wait for: when an id is added, and when the inbox changes. */
export class ResultLookUps {
  private readonly waiting = new Set<Waiting>();
  private isRunning = false;

  constructor(
    private readonly watch: Watch,
    private readonly archive: Pick<Archive, 'known'>,
    private readonly clock: Clock,
    private readonly onEmpty: () => void,
  ) {}

  /** Adds an id. The returned function removes it, and may be called twice. */
  add(id: MessageId, onKnown: Waiting['onKnown'], onEnd: Waiting['onEnd']): () => void {
    const entry = { id, onKnown, onEnd };
    this.waiting.add(entry);
    this.watch.wake();
    if (!this.isRunning) void this.run();
    return () => {
      if (this.waiting.delete(entry) && this.waiting.size === 0) this.end();
    };
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (await this.watch.news()) {
      await backoff(() => this.lookUp(), {
        clock: this.clock,
        delayMs: () => RETRY_MS,
        // Other code reports the outage.
        canBeRetried: () => true,
        isOver: () => this.watch.ended,
      });
    }
    for (const { onEnd } of [...this.waiting]) onEnd();
  }

  private async lookUp(): Promise<void> {
    const all = [...this.waiting];
    for (let at = 0; at < all.length; at += MAX_IDS) {
      const batch = all.slice(at, at + MAX_IDS);
      const known = await this.archive.known([...new Set(batch.map(({ id }) => id))]);
      for (const { id, onKnown } of batch) onKnown(known.get(id));
    }
  }

  private end(): void {
    this.watch.close();
    this.onEmpty();
  }
}
