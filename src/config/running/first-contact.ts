import type { Clock } from '../../application/ports/clock.js';
import type { DependencyHealth } from '../../application/ports/dependency-health.js';

/** Long enough to find a server that is there; one that is not is connected to later. */
export const FIRST_CONTACT_MS = 1_000;
const LOOK_EVERY_MS = 20;

/** Resolves when the dependency answers, or when it has had its time to. */
export async function firstContact(health: DependencyHealth, clock: Clock): Promise<void> {
  for (
    let waited = 0;
    waited < FIRST_CONTACT_MS && health.status().state === 'down';
    waited += LOOK_EVERY_MS
  ) {
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  }
}
