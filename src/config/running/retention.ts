import type { Clock } from '../../application/ports/clock.js';
import type { RetentionGuard } from '../../application/retention/retention-guard.js';
import { settledWithin } from '../../application/timing.js';
import type { FatalErrors } from './fatal-errors.js';
import { FIRST_CONTACT_MS } from './first-contact.js';
import type { Component } from './lifecycle.js';

/**
 * Fails the start if messages that retention removes could be delivered again from the log. If the log cannot be
 * reached at start, the check continues in the background and ends the program when it finds the conflict.
 */
export function retentionCheck(guard: RetentionGuard, clock: Clock, fatalErrors: FatalErrors): Component {
  return {
    name: 'retention check',
    start: async () => {
      const conflict = guard.check().then(
        () => undefined,
        (error: unknown) => error,
      );
      const found = await settledWithin(clock, FIRST_CONTACT_MS, conflict);
      if (found instanceof Error) throw found;
      void conflict.then((late) => {
        if (late instanceof Error) fatalErrors.report(late);
      });
    },
  };
}

/** Starts the component when the check has passed: at once, or in the background if the log cannot be reached yet. */
export function afterCheck(guard: RetentionGuard, component: Component): Component {
  let isStopped = false;
  let starting: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    if (!isStopped) await component.start?.();
  };
  return {
    name: component.name,
    start: async () => {
      if (guard.passed) await (starting = start());
      // `retentionCheck` reports a conflict.
      else
        void guard.check().then(
          () => (starting = start()),
          () => undefined,
        );
    },
    stop: async () => {
      isStopped = true;
      await starting?.catch(() => undefined);
      await component.stop?.();
    },
  };
}
