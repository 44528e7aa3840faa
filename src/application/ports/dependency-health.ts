import type { DependencyName } from '../errors.js';

/** `degraded`: the dependency works, but an operator must look at something. */
export type DependencyState = 'up' | 'degraded' | 'down';

export interface DependencyStatus {
  readonly state: DependencyState;
  /** When it entered this state, in milliseconds since the epoch. */
  readonly since: number;
  /** The code or class of the last error, never its text; kept after recovery. */
  readonly lastError?: string;
  /** What an operator should change, one sentence each; absent if there is nothing. */
  readonly warnings?: readonly string[];
}

/**
 * What an adapter knows about its server, from the calls that it makes anyway and from reconnecting. The state is
 * `down` until the first contact. `status` returns at once, makes no request and never throws.
 */
export interface DependencyHealth {
  readonly dependency: DependencyName;
  status(): DependencyStatus;
}
