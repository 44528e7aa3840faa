import { lifeOf, type MessageLife } from '../domain/message-life.js';
import type { MessageId } from '../domain/message.js';
import type { Archive } from './ports/archive.js';
import type { ReadPositions } from './ports/read-positions.js';

/** Where single messages stand; undefined while nothing is known of one. Rejects with `DependencyUnavailable`. */
export interface MessageLives {
  of(id: MessageId): Promise<MessageLife | undefined>;
}

export class LifeReader implements MessageLives {
  constructor(
    private readonly archive: Pick<Archive, 'find'>,
    private readonly positions: Pick<ReadPositions, 'of'>,
  ) {}

  async of(id: MessageId): Promise<MessageLife | undefined> {
    const held = await this.archive.find(id);
    if (held?.message === undefined) return held && lifeOf(held);
    return lifeOf(held, await this.positions.of(held.message.to));
  }
}
