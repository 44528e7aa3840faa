import { lifeOf, type MessageLife } from '../../domain/inbox/message-status.js';
import type { MessageId } from '../../domain/message.js';
import type { Archive } from '../ports/inbox/archive.js';
import type { ReadPositions } from '../ports/inbox/read-positions.js';

/** Where single messages stand; undefined while nothing is known of one. Rejects with `DependencyUnavailable`. */
export interface MessageLives {
  of(id: MessageId): Promise<MessageLife | undefined>;
}

export class LifeReader implements MessageLives {
  constructor(
    private readonly archive: Pick<Archive, 'find' | 'conflicts'>,
    private readonly positions: Pick<ReadPositions, 'of'>,
  ) {}

  async of(id: MessageId): Promise<MessageLife | undefined> {
    const [held, conflicts] = await Promise.all([this.archive.find(id), this.archive.conflicts(id)]);
    if (held === undefined) return undefined;
    const position = held.message && (await this.positions.of(held.message.to));
    const life = lifeOf(held, position);
    return conflicts.length > 0 ? { ...life, conflicts } : life;
  }
}
