import type { MessageId } from '../../domain/message.js';
import type { Outcome } from '../../domain/delivery/settlement.js';

/** What the delivery engine and the send path tell about themselves; never who wrote to whom. Calls return at once and never throw. */
export interface Telemetry {
  accepted(count: number): void;
  invalid(recorded: boolean): void;
  settled(outcome: Outcome['kind'] | 'skipped' | 'expired'): void;
  /** From sentAt to the ledger's commit, in milliseconds. */
  delivered(elapsedMs: number): void;
  retried(): void;
  /** A failed message was published again. */
  replayed(): void;
  deadLettered(code: string, id: MessageId): void;
  /** Each time an outage of a dependency begins and ends, as seen by the engine. */
  outage(dependency: string, state: 'began' | 'ended', cause?: unknown): void;
}
