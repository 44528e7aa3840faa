import { DomainError } from '../domain/errors.js';
import type { Identities } from '../domain/identity.js';
import type { Message, MessageId } from '../domain/message.js';
import type { MessageContent } from '../domain/message-rules.js';
import type { Archive } from './ports/archive.js';
import type { Clock } from './ports/clock.js';
import { withinTime } from './send-time-limit.js';

// A store that is slow or down must not hold up sends: what comes of a used key is decided where messages are stored.
const LOOK_UP_MS = 200;

/** The key was spent on another message of the same sender. */
export class IdempotencyKeyReused extends DomainError {
  readonly code = 'idempotency-key-reused';

  constructor() {
    super('The idempotency key was used before, for another message.');
  }
}

/** What is known of a send that may have been made before. */
export class IdempotencyKeys {
  constructor(
    private readonly archive: Pick<Archive, 'find'>,
    private readonly identities: Identities,
    private readonly clock: Clock,
  ) {}

  idOf(from: string, key: string): MessageId {
    return this.identities.ofIdempotencyKey(from, key);
  }

  /** The same message as it was sent first; undefined where nothing is known yet. Rejects with `IdempotencyKeyReused`. */
  async find(id: MessageId, content: MessageContent): Promise<Message | undefined> {
    const held = await withinTime(this.clock, LOOK_UP_MS, this.archive.find(id));
    const known = held && (held.message ?? held.failure);
    if (known === undefined) return undefined;
    if (known.content !== this.identities.contentOf(content)) throw new IdempotencyKeyReused();
    return { ...content, id, sentAt: known.sentAt };
  }
}
