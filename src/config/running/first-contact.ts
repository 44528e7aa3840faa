import type { Clock } from '../../application/ports/clock.js';
import type { DependencyHealth } from '../../application/ports/dependency-health.js';
import { sleep } from '../../application/timing.js';

/** Long enough to reach a running server. The start does not wait longer; connecting continues in the background. */
export const FIRST_CONTACT_MS = 1_000;
const CHECK_MS = 20;

/** Resolves when the dependency answers, or after `FIRST_CONTACT_MS`. */
export async function firstContact(health: DependencyHealth, clock: Clock): Promise<void> {
  for (let waited = 0; waited < FIRST_CONTACT_MS && health.status().state === 'down'; waited += CHECK_MS) {
    await sleep(clock, CHECK_MS);
  }
}
