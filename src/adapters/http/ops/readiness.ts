import type { DependencyHealth } from '../../../application/ports/dependency-health.js';

export interface ReadinessSettings {
  readonly api: boolean;
  readonly receiver: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  /** A dependency is down or needs attention, whether or not this process can continue without it. */
  readonly degraded: boolean;
  readonly dependencies: Readonly<Record<string, DependencyView>>;
}

interface DependencyView {
  readonly state: string;
  /** ISO 8601. */
  readonly since: string;
  readonly lastError?: string;
  readonly warnings?: readonly string[];
}

/**
 * A process is ready if it can do its own job. An api process needs the log only: while the store is down it accepts
 * sends and answers reads with 503. A receiver needs both.
 */
export function assessReadiness(
  roles: ReadinessSettings,
  dependencies: readonly DependencyHealth[],
  stopping: boolean,
): Readiness {
  const statuses = dependencies.map((health) => ({ name: health.dependency, ...health.status() }));
  const down = statuses.filter(({ state }) => state === 'down');
  const needed = roles.api ? ['log'] : ['log', 'store'];
  return {
    ready: !stopping && !down.some(({ name }) => needed.includes(name)),
    degraded: statuses.some(({ state }) => state !== 'up'),
    dependencies: Object.fromEntries(
      statuses.map(({ name, since, ...rest }) => [name, { ...rest, since: new Date(since).toISOString() }]),
    ),
  };
}
