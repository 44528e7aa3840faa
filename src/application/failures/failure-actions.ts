import { NotTakenOver } from '../../domain/failures/action-refused.js';
import { DomainError } from '../../domain/errors.js';
import type { Act, FailedMessage } from '../../domain/failures/failed-message.js';
import {
  beginCorrection,
  beginReplay,
  discard,
  type ReplayOrder,
  type ReplayRules,
} from '../../domain/failures/failure-actions.js';
import type { Changes } from '../../domain/failures/resend-rules.js';
import type { Identities } from '../../domain/identity.js';
import type { MessageId } from '../../domain/message.js';
import type { Archive } from '../ports/archive.js';
import type { Clock, IdSource } from '../ports/clock.js';
import type { Ledger } from '../ports/ledger.js';
import type { ReplayOutbox } from './replay-outbox.js';

/** No failure has this id. */
export class UnknownFailure extends DomainError {
  readonly code = 'unknown-failure';

  constructor() {
    super('No failed message has this id.');
  }
}

type Order = Omit<ReplayOrder, 'id' | 'at' | 'job'>;

/**
 * The actions of operators on one failed message. Each is one transaction in the ledger, after which publishing
 * continues even if the process dies. Rejects with `UnknownFailure`, the errors of the domain's transitions, or
 * `DependencyUnavailable`.
 */
export class FailureActions {
  constructor(
    private readonly ledger: Pick<Ledger, 'amend'>,
    private readonly archive: Pick<Archive, 'find'>,
    private readonly outbox: Pick<ReplayOutbox, 'publish'>,
    private readonly identities: Identities,
    private readonly rules: ReplayRules,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly ids: IdSource,
  ) {}

  async replay(id: MessageId, order: Order): Promise<FailedMessage> {
    const act = { ...this.newAct(), ...order };
    const changed = await this.amend(id, (failure) => beginReplay(failure, act, this.rules));
    // If that fails, the failure is published again when its lease ends.
    void this.outbox.publish([changed]);
    return changed;
  }

  async correct(id: MessageId, changes: Changes, by: string | undefined): Promise<FailedMessage> {
    const act = { ...this.newAct(), by };
    const { rules, identities } = this;
    const changed = await this.amend(id, (failure) =>
      beginCorrection(failure, changes, act, rules, identities),
    );
    void this.outbox.publish([changed]);
    return changed;
  }

  discard(id: MessageId, order: Order & { readonly note?: string }): Promise<FailedMessage> {
    const act = { ...this.newAct(), ...order };
    return this.amend(id, (failure) => discard(failure, act));
  }

  private newAct(): Pick<Act, 'id' | 'at'> {
    const at = this.clock.now();
    return { id: this.ids.next(at), at };
  }

  private async amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage,
  ): Promise<FailedMessage> {
    const changed = await this.ledger.amend(id, change);
    if (changed === undefined) throw await this.notInLedger(id);
    return changed;
  }

  private async notInLedger(id: MessageId): Promise<DomainError> {
    const shown = (await this.archive.find(id))?.failure;
    if (shown === undefined) return new UnknownFailure();
    return new NotTakenOver(
      shown.state,
      'This failure belongs to the NestJS service. Import it with `npm run migrate` first.',
    );
  }
}
