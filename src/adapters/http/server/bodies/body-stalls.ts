import type { CancelTimer, Clock } from '../../../../application/ports/clock.js';

const CHECK_MS = 1_000;
/** How long a body may pause: in checks, so that a process that was stopped itself does not blame its clients. */
const PATIENCE = 10;

/** A body that is being read. */
export class ArrivingBody {
  /** Checks since the last byte. */
  private quietChecks = 0;

  constructor(
    private readonly bodies: Set<ArrivingBody>,
    private readonly onStall: () => void,
  ) {}

  moved(): void {
    this.quietChecks = 0;
  }

  /** Nothing more is expected. May be called twice. */
  end(): void {
    this.bodies.delete(this);
  }

  check(): void {
    this.quietChecks += 1;
    if (this.quietChecks <= PATIENCE) return;
    this.end();
    this.onStall();
  }
}

/** Finds bodies of which no byte has come for 10 s. One timer for all: most bodies are whole before one would be set. */
export class BodyStalls {
  private readonly bodies = new Set<ArrivingBody>();
  private cancel: CancelTimer | undefined;

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  watch(onStall: () => void): ArrivingBody {
    const body = new ArrivingBody(this.bodies, onStall);
    this.bodies.add(body);
    this.cancel ??= this.clock.after(CHECK_MS, this.check);
    return body;
  }

  private readonly check = (): void => {
    for (const body of this.bodies) body.check();
    this.cancel = this.bodies.size > 0 ? this.clock.after(CHECK_MS, this.check) : undefined;
  };
}
