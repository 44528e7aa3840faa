import type { FailedMessage } from '../../domain/failures/failed-message.js';
import { renewReplayLease } from '../../domain/failures/failure-actions.js';
import type { MessageId } from '../../domain/message.js';
import { RecordTooLarge } from '../errors.js';
import type { FailureSets } from '../ports/failures.js';
import { MAX_BATCH_ENTRIES, type Ledger } from '../ports/ledger.js';
import type { Logger, Telemetry } from '../ports/telemetry.js';
import type { RecordCodec } from '../ports/record-codec.js';
import type { RecordSender } from '../ports/record-log.js';
import type { Clock } from '../ports/clock.js';
import { every, type Repetition } from '../timing.js';
import { PublicationNotes } from './publication-notes.js';
import { logFailure } from '../log-failure.js';

const POLL_MS = 5_000;

type Sent = 'published' | 'refused' | 'unknown';

/**
 * Publishes replays and corrections, and records the results in the ledger. A failure's lease in the ledger says
 * that it must be published, so if a process dies, another one publishes what it left.
 */
export class ReplayOutbox {
  private polls: Repetition | undefined;
  private readonly notes: PublicationNotes;

  constructor(
    private readonly ledger: Pick<Ledger, 'amendAll'>,
    private readonly sets: Pick<FailureSets, 'overdue' | 'leased'>,
    private readonly log: RecordSender,
    private readonly codec: RecordCodec,
    private readonly leaseMs: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly telemetry: Pick<Telemetry, 'replayed'>,
  ) {
    this.notes = new PublicationNotes(ledger, sets, clock, logger);
  }

  /** Polls for expired leases of other processes until it is stopped. */
  start(): void {
    this.polls = every(this.clock, POLL_MS, (signal) => this.poll(signal));
  }

  async stop(): Promise<void> {
    await this.polls?.stop();
    await this.notes.stop();
  }

  /**
   * Publishes the failures that have a lease, at most `MAX_BATCH_ENTRIES`. Resolves with whether the log has
   * answered for all of them. Never rejects: a failure that is not published, or whose result is not noted, is
   * published again when its lease expires.
   */
  async publish(given: readonly FailedMessage[]): Promise<boolean> {
    const failures = given.filter(({ lease }) => lease !== undefined);
    const sent = await Promise.all(failures.map((failure) => this.send(failure)));
    const having = (result: Sent): FailedMessage[] => failures.filter((_, at) => sent[at] === result);
    await Promise.all([this.notes.published(having('published')), this.notes.refused(having('refused'))]);
    return !sent.includes('unknown');
  }

  private async send(failure: FailedMessage): Promise<Sent> {
    try {
      await this.log.send(this.codec.encodeReplay(failure));
      this.telemetry.replayed();
      return 'published';
    } catch (error) {
      return error instanceof RecordTooLarge ? 'refused' : 'unknown';
    }
  }

  private async poll(signal: AbortSignal): Promise<void> {
    try {
      for (let found = MAX_BATCH_ENTRIES; found === MAX_BATCH_ENTRIES && !signal.aborted;)
        found = await this.publishOverdue();
    } catch (error) {
      logFailure(this.logger, 'replay.not-taken-up', error);
    }
  }

  private async publishOverdue(): Promise<number> {
    const now = this.clock.now();
    const ids: readonly MessageId[] = await this.sets.overdue(now, MAX_BATCH_ENTRIES);
    if (ids.length === 0) return 0;
    const taken = await this.ledger.amendAll(ids, (failure) =>
      renewReplayLease(failure, now, now + this.leaseMs),
    );
    await this.publish(taken.filter((failure) => failure !== undefined));
    return ids.length;
  }
}
