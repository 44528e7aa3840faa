import type { CancelTimer, Clock } from '../../../../application/ports/clock.js';

const CHECK_MS = 1_000;
/**
 * Checks without a byte before a body has stalled. Counting checks, not time, spares bodies if this process was paused.
 */
const MAX_QUIET_CHECKS = 10;

/** A body that is still arriving. */
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

  /** Stops watching the body. May be called twice. */
  end(): void {
    this.bodies.delete(this);
  }

  check(): void {
    this.quietChecks += 1;
    if (this.quietChecks <= MAX_QUIET_CHECKS) return;
    this.end();
    this.onStall();
  }
}

/**
 * Finds bodies of which no byte has arrived for 10 s. All bodies share one timer, because most arrive within one check.
 */
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
