import { DomainError } from '../errors.js';
import type { FailureState } from './failed-message.js';

type RefusalCode =
  | 'wrong-state'
  | 'needs-correction'
  | 'not-replayable'
  | 'not-correctable'
  | 'not-taken-over'
  | 'too-many-replays';

/** Thrown if the state of a failed message does not allow an action. */
export abstract class ActionRefused extends DomainError {
  abstract override readonly code: RefusalCode;

  constructor(
    readonly state: FailureState,
    detail: string,
  ) {
    super(detail);
  }
}

export class WrongState extends ActionRefused {
  readonly code = 'wrong-state';
}

/** The message can be sent again only after a correction. */
export class NeedsCorrection extends ActionRefused {
  readonly code = 'needs-correction';
}

/** The message can be corrected or discarded, but not replayed. */
export class NotReplayable extends ActionRefused {
  readonly code = 'not-replayable';
}

/** The sender's name breaks the rules, and a correction cannot change the sender. */
export class NotCorrectable extends ActionRefused {
  readonly code = 'not-correctable';
}

/** A legacy failure of another program. It is listed, and no action is allowed until it is imported. */
export class NotTakenOver extends ActionRefused {
  readonly code = 'not-taken-over';
}

/** The limit of replays is reached. `force` overrides it. */
export class TooManyReplays extends ActionRefused {
  readonly code = 'too-many-replays';
}
