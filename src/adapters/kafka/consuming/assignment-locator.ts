import { DependencyUnavailable } from '../../../application/errors.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { Assignment } from './assignment.js';
import { errorKind } from '../kafka-errors.js';
import type { Position, StartOffsets } from './offsets/start-offsets.js';

export interface LocatorContext {
  readonly positions: Pick<StartOffsets, 'find'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The delay before asking again. Two answers about the end of a log must be this far apart; see `AssignmentProgress`. */
const LOCATE_AGAIN_MS = 1_000;

/** Finds the positions at which assignments begin or continue. Retries every second until each has one. */
export class AssignmentLocator {
  private readonly locating = new Set<Assignment>();

  constructor(
    private readonly context: LocatorContext,
    /** Reports whether the assignment still needs its position. */
    private readonly isOurs: (assignment: Assignment) => boolean,
    private readonly begin: (assignment: Assignment, position: Position) => void,
  ) {}

  isLocating(assignment: Assignment): boolean {
    return this.locating.has(assignment);
  }

  /**
   * Resolves after the first attempt, and schedules the next one for assignments without a position. Never
   * rejects.
   */
  async locate(assignments: readonly Assignment[]): Promise<void> {
    for (const assignment of assignments) this.locating.add(assignment);
    const ready = assignments.filter((a) => this.isOurs(a) && !a.mustFinishFirst);
    if (ready.length > 0) await this.tryToPlace(ready);
    const left = assignments.filter((assignment) => this.isLeft(assignment));
    if (left.length > 0) this.context.clock.after(LOCATE_AGAIN_MS, () => void this.locate(left));
  }

  private async tryToPlace(assignments: readonly Assignment[]): Promise<void> {
    const { positions, logger } = this.context;
    try {
      const found = await positions.find(new Map(assignments.map((a) => [a.partition, a.progress])));
      for (const assignment of assignments) this.place(assignment, found.get(assignment.partition));
    } catch (error) {
      logger.info('log.position-unknown', { kind: errorKind(error) });
      // Not a stall: a new consumer would have to wait for the store too.
      const isStoreAway = error instanceof DependencyUnavailable && error.dependency === 'store';
      if (isStoreAway) for (const assignment of assignments) assignment.excuse();
    }
  }

  private place(assignment: Assignment, position: Position | 'seems-cut' | undefined): void {
    if (position === undefined) return;
    if (position === 'seems-cut') {
      assignment.suspect();
      return;
    }
    this.locating.delete(assignment);
    if (this.isOurs(assignment)) this.begin(assignment, position);
  }

  private isLeft(assignment: Assignment): boolean {
    if (!this.isOurs(assignment)) this.locating.delete(assignment);
    return this.locating.has(assignment);
  }
}
