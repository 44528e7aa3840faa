import { DomainError } from '../errors.js';
import type { FailureState } from './failed-message.js';

/** A failed message does not allow what was to be done with it; `state` says where it stands. */
export abstract class ActionRefused extends DomainError {
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

/** It can be sent again, but not as it is. */
export class NeedsCorrection extends ActionRefused {
  readonly code = 'needs-correction';
}

/** It can be corrected or discarded, not replayed. */
export class NotReplayable extends ActionRefused {
  readonly code = 'not-replayable';
}

/** Its sender's name breaks the rules, and a correction cannot change who sent it. */
export class NotCorrectable extends ActionRefused {
  readonly code = 'not-correctable';
}

/** Another program left it in the store; it is listed, and nothing is decided about it until it is taken over. */
export class NotTakenOver extends ActionRefused {
  readonly code = 'not-taken-over';
}

/** It was replayed as often as is sensible; who means it says so. */
export class TooManyReplays extends ActionRefused {
  readonly code = 'too-many-replays';
}
