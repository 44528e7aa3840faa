import type { FailedMessage } from '../../domain/failures/failed-message.js';
import { published, publicationRejected } from '../../domain/failures/failure-actions.js';
import type { MessageId } from '../../domain/message.js';
import { groupBy } from '../group-by.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { FailureSets } from '../ports/failures.js';
import type { Ledger } from '../ports/ledger.js';
import type { Logger } from '../ports/telemetry.js';
import { logFailure } from '../log-failure.js';

/**
 * Most replays are stored by then, which also notes that they were published. Waiting saves a write for each of
 * them.
 */
const NOTE_AFTER_MS = 1_000;
const TOO_LARGE = { code: 'message-too-large', reason: 'The log refuses the message as too large.' };

/**
 * A replay or correction in flight, as it was published. A later one may have the same lease: a later replay has
 * other `replays`, a later correction another `state`.
 */
type Leased = Pick<FailedMessage, 'id' | 'replays' | 'state'> & { readonly lease: number };

/**
 * Notes the results of publications in the failures. Never rejects: a failure whose result is not noted is
 * published again when its lease expires.
 */
export class PublicationNotes {
  private readonly later = new Map<readonly Leased[], CancelTimer>();
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly ledger: Pick<Ledger, 'amendAll'>,
    private readonly sets: Pick<FailureSets, 'leased'>,
    private readonly clock: Pick<Clock, 'now' | 'after'>,
    private readonly logger: Logger,
  ) {}

  /**
   * Notes that the log has the failures. Corrections are noted at once, which closes their failures; replays later.
   */
  async published(failures: readonly FailedMessage[]): Promise<void> {
    const replays = failures.filter(({ state }) => state === 'replaying');
    if (replays.length > 0) this.noteLater(leasedOf(replays));
    const others = failures.filter(({ state }) => state !== 'replaying');
    await this.note(leasedOf(others), (failure, lease) => published(failure, lease, this.clock.now()));
  }

  /** Notes that the log rejects the failures as too large. */
  refused(failures: readonly FailedMessage[]): Promise<void> {
    return this.note(leasedOf(failures), (failure, lease) =>
      publicationRejected(failure, lease, TOO_LARGE, this.clock.now()),
    );
  }

  /** Writes the notes that are still waiting, so that no other process publishes those failures again. */
  async stop(): Promise<void> {
    for (const failures of [...this.later.keys()]) this.noteNow(failures);
    await Promise.all(this.writing);
  }

  private noteLater(failures: readonly Leased[]): void {
    const cancel = this.clock.after(NOTE_AFTER_MS, () => {
      this.noteNow(failures);
    });
    this.later.set(failures, cancel);
  }

  private noteNow(failures: readonly Leased[]): void {
    this.later.get(failures)?.();
    this.later.delete(failures);
    const writing = this.noteUnsettled(failures);
    this.writing.add(writing);
    void writing.finally(() => this.writing.delete(writing));
  }

  private async noteUnsettled(failures: readonly Leased[]): Promise<void> {
    try {
      const ids: MessageId[] = [];
      for (const [lease, leased] of groupBy(failures, (failure) => failure.lease)) {
        const leasedIds = leased.map(({ id }) => id);
        ids.push(...(await this.sets.leased(leasedIds, lease)));
      }
      const unsettled = new Set(ids);
      await this.note(
        failures.filter(({ id }) => unsettled.has(id)),
        (failure, lease) => published(failure, lease, this.clock.now()),
      );
    } catch (error) {
      logFailure(this.logger, 'replay.not-noted', error, { count: failures.length });
    }
  }

  private async note(
    failures: readonly Leased[],
    change: (failure: FailedMessage, lease: number) => FailedMessage | undefined,
  ): Promise<void> {
    if (failures.length === 0) return;
    const noted = new Map(failures.map((failure) => [failure.id, failure]));
    try {
      await this.ledger.amendAll([...noted.keys()], (failure) => {
        const leased = noted.get(failure.id);
        if (leased?.replays !== failure.replays || leased.state !== failure.state) return undefined;
        return change(failure, leased.lease);
      });
    } catch (error) {
      logFailure(this.logger, 'replay.not-noted', error, { count: failures.length });
    }
  }
}

function leasedOf(failures: readonly FailedMessage[]): Leased[] {
  return failures.flatMap(({ id, lease, replays, state }) =>
    lease === undefined ? [] : [{ id, lease, replays, state }],
  );
}
