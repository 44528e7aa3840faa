import type { FailedMessage } from '../../domain/failures/failed-message.js';
import { published, publishingRefused, takeOver } from '../../domain/failures/failure-actions.js';
import type { MessageId } from '../../domain/message.js';
import { RecordTooLarge } from '../errors.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { FailureSets } from '../ports/failures/failure-sets.js';
import type { Ledger } from '../ports/delivery/ledger.js';
import type { Logger } from '../ports/logger.js';
import type { RecordCodec } from '../ports/log/record-codec.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { RecordSender } from '../ports/log/record-sender.js';

const LOOK_EVERY_MS = 5_000;
const AT_ONCE = 200;
const TOO_LARGE = { code: 'message-too-large', reason: 'The log refuses the message as too large.' };

type Sent = 'published' | 'refused' | 'unknown';

/**
 * Publishes replays and corrections, and records the results in the ledger. A failure's lease in the ledger says
 * that it must be published, so if a process dies, another one publishes what it left.
 */
export class ReplayOutbox {
  private cancel: CancelTimer | undefined;
  private isStopped = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly ledger: Pick<Ledger, 'amend' | 'amendAll'>,
    private readonly sets: Pick<FailureSets, 'overdue'>,
    private readonly log: RecordSender,
    private readonly codec: RecordCodec,
    private readonly leaseMs: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly telemetry: Pick<Telemetry, 'replayed'>,
  ) {}

  /** Polls for expired leases of other processes until it is stopped. */
  start(): void {
    this.looking = this.look();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.looking;
  }

  /**
   * Publishes those that have a lease. Never rejects: what is not published or not noted is taken up again when its
   * lease is over.
   */
  async publish(given: readonly FailedMessage[]): Promise<void> {
    const failures = given.filter(({ lease }) => lease !== undefined);
    const sent = new Map(
      await Promise.all(failures.map(async (failure) => [failure.id, await this.send(failure)] as const)),
    );
    const leases = new Map(failures.map(({ id, lease }) => [id, lease]));
    const decided = failures.filter(({ id }) => sent.get(id) !== 'unknown').map(({ id }) => id);
    if (decided.length === 0) return;
    try {
      await this.ledger.amendAll(decided, (failure) => {
        const lease = leases.get(failure.id);
        if (lease === undefined) return undefined;
        const now = this.clock.now();
        return sent.get(failure.id) === 'refused'
          ? publishingRefused(failure, lease, TOO_LARGE, now)
          : published(failure, lease, now);
      });
    } catch (error) {
      this.logger.warn('replay.not-noted', { count: decided.length, error });
    }
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

  private async look(): Promise<void> {
    try {
      for (let found = AT_ONCE; found === AT_ONCE && !this.isStopped;) found = await this.takeUp();
    } catch (error) {
      this.logger.warn('replay.not-taken-up', { error });
    }
    if (this.isStopped) return;
    this.cancel = this.clock.after(LOOK_EVERY_MS, () => {
      this.start();
    });
  }

  private async takeUp(): Promise<number> {
    const now = this.clock.now();
    const ids: readonly MessageId[] = await this.sets.overdue(now, AT_ONCE);
    if (ids.length === 0) return 0;
    const taken = await this.ledger.amendAll(ids, (failure) => takeOver(failure, now, now + this.leaseMs));
    await this.publish(taken.filter((failure) => failure !== undefined));
    return ids.length;
  }
}
