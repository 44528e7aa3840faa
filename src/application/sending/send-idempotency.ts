import { DomainError } from '../../domain/errors.js';
import type { Identities } from '../../domain/identity.js';
import type { Message, MessageId } from '../../domain/message.js';
import type { MessageContent } from '../../domain/message-rules.js';
import type { Archive } from '../ports/archive.js';
import type { Clock } from '../ports/clock.js';
import { settledWithin } from '../timing.js';

// A slow store must not delay sends. Without an answer, the ledger detects a reused key at delivery.
const LOOK_UP_TIMEOUT_MS = 200;

const REUSED = {
  known: 'The idempotency key was used before, for another message.',
  'in-flight': 'The idempotency key is in use for another message, which is being sent at this moment.',
} as const;

/** The key belongs to another message of the same sender that is stored, failed, or being sent by this process. */
export class IdempotencyKeyReused extends DomainError {
  readonly code = 'idempotency-key-reused';

  constructor(readonly by: keyof typeof REUSED) {
    super(REUSED[by]);
  }
}

interface Reservation {
  readonly content: MessageContent;
  sends: number;
}

/** Detects repeated sends by their idempotency keys. */
export class IdempotencyKeys {
  private readonly inFlight = new Map<MessageId, Reservation>();

  constructor(
    private readonly archive: Pick<Archive, 'find'>,
    private readonly identities: Identities,
    private readonly clock: Clock,
  ) {}

  idOf(from: string, key: string): MessageId {
    return this.identities.ofIdempotencyKey(from, key);
  }

  /** Returns the message as it was first sent; undefined if none is known. Rejects with `IdempotencyKeyReused`. */
  async find(id: MessageId, content: MessageContent): Promise<Message | undefined> {
    const holding = await settledWithin(this.clock, LOOK_UP_TIMEOUT_MS, this.archive.find(id));
    const known = holding && (holding.message ?? holding.failure);
    if (known === undefined) return undefined;
    if (known.content !== this.identities.contentOf(content)) throw new IdempotencyKeyReused('known');
    return { ...content, id, sentAt: known.sentAt };
  }

  /**
   * Reserves the id for this content until `release` is called, so that of two contents that this process sends
   * concurrently with one key only the first reaches the log. Throws `IdempotencyKeyReused`.
   */
  reserve({ id, from, to, message }: Message): { release(): void } {
    const content = { from, to, message };
    const reservation = this.inFlight.get(id) ?? { content, sends: 0 };
    if (!isSameContent(reservation.content, content)) throw new IdempotencyKeyReused('in-flight');
    this.inFlight.set(id, reservation);
    reservation.sends += 1;
    return {
      release: () => {
        reservation.sends -= 1;
        if (reservation.sends === 0) this.inFlight.delete(id);
      },
    };
  }
}

function isSameContent(a: MessageContent, b: MessageContent): boolean {
  return a.from === b.from && a.to === b.to && a.message === b.message;
}
