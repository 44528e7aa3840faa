import { DependencyUnavailable, DocumentRejected } from '../../../../src/application/errors.js';
import type { Clock } from '../../../../src/application/ports/clock.js';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import type { DeadLetter, FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import type { MessageId } from '../../../../src/domain/message.js';
import { idOf, inboxOf, type Entry, type Outcome } from '../../../../src/domain/delivery/settlement.js';

/** Final outcomes in the ledger, in order. */
export interface FinalEvent {
  readonly inbox: string;
  readonly kind: 'stored' | 'recorded';
  readonly entry: Entry;
}

/** A ledger with a store that can go down, lose responses, and fail on single messages. */
export class UnreliableLedger implements Ledger {
  /** `unknown`: it fails with an error that is not listed. */
  down: false | 'unavailable' | 'unknown' = false;
  /** This many responses are lost after the write. */
  responsesToLose = 0;
  /** How often the message still fails when it is written alone; failures of batches with it are not counted. */
  readonly poison = new Map<MessageId, number>();
  /** Rejected because of their content, unless truncated. */
  readonly tooLarge = new Set<MessageId>();
  /** Rejected even if truncated, as by a validator of the collection. */
  readonly invalid = new Set<MessageId>();
  /** A dead letter of more bytes in key, value and text together is rejected as too large. */
  deadLetterMaxBytes = Infinity;
  readonly events: FinalEvent[] = [];
  onFinal: (event: FinalEvent) => void = () => undefined;
  /** The committed transactions. */
  readonly batches: (readonly Entry[])[] = [];

  constructor(
    private readonly inner: Ledger,
    private readonly clock: Clock,
    /** The delay of a write and of its response, in milliseconds. */
    private readonly latency: () => number,
  ) {}

  async settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    await this.delay();
    this.failIfFaulty(entries);
    const outcomes = await this.inner.settle(entries);
    this.batches.push(entries);
    entries.forEach((entry, index) => {
      const kind = outcomes[index]?.kind;
      if (kind !== 'stored' && kind !== 'recorded') return;
      const event = { inbox: inboxOf(entry), kind, entry };
      this.events.push(event);
      this.onFinal(event);
    });
    if (this.responsesToLose > 0) {
      this.responsesToLose -= 1;
      throw new DependencyUnavailable('store', new Error('the response was lost'));
    }
    await this.delay();
    return outcomes;
  }

  async probe(): Promise<void> {
    await this.delay();
    this.failIfDown();
  }

  amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined> {
    return this.inner.amend(id, change);
  }

  amendAll(
    ids: readonly MessageId[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]> {
    return this.inner.amendAll(ids, change);
  }

  private delay(): Promise<void> {
    const latency = this.latency();
    if (latency === 0) return Promise.resolve();
    return new Promise((resolve) => this.clock.after(latency, resolve));
  }

  private failIfDown(): void {
    if (this.down === 'unknown') throw new Error('an unlisted error');
    if (this.down) throw new DependencyUnavailable('store', new Error('down'));
  }

  private failIfFaulty(entries: readonly Entry[]): void {
    this.failIfDown();
    for (const entry of entries) {
      const id = idOf(entry);
      const isComplete = entry.kind === 'delivery' || !entry.letter.truncated;
      if (this.tooLarge.has(id) && isComplete)
        throw new DocumentRejected('document-too-large', new Error('too large'));
      if (this.invalid.has(id)) throw new DocumentRejected('document-invalid', new Error('invalid'));
      if (entry.kind === 'dead-letter' && bytesOf(entry.letter) > this.deadLetterMaxBytes)
        throw new DocumentRejected('document-too-large', new Error('too large'));
      const left = entry.kind === 'delivery' ? (this.poison.get(id) ?? 0) : 0;
      if (left > 0) {
        if (entries.length === 1) this.poison.set(id, left - 1);
        throw new Error('it would not be written');
      }
    }
  }
}

function bytesOf({ key, value, message }: DeadLetter): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + Buffer.byteLength(message);
}
