import type { MessageId } from '../../domain/message.js';
import type { Outcome } from '../../domain/delivery/settlement.js';

/**
 * Receives counts and times from the delivery engine and the send path, never client names. Calls return at once
 * and never throw.
 */
export interface Telemetry {
  accepted(count: number): void;
  invalid(recorded: boolean): void;
  settled(outcome: Outcome['kind'] | 'skipped' | 'expired'): void;
  /** The time from `sentAt` to the ledger's commit, in milliseconds. */
  delivered(elapsedMs: number): void;
  retried(): void;
  /** A failed message was published again. */
  replayed(): void;
  /** Records were not in the partition of their recipient. */
  misplaced(count: number): void;
  deadLettered(code: string, id: MessageId): void;
  /** Called when an outage of a dependency begins or ends, as the engine sees it. */
  outage(dependency: string, state: 'began' | 'ended', cause?: unknown): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes structured log lines for operators. Callers never pass message texts or client names. The field `error`
 * may be an Error.
 */
export interface Logger {
  isDebugEnabled(): boolean;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
