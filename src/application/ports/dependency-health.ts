import type { DependencyName } from '../errors.js';

/** `degraded`: it works, and something is wrong with it that a person has to look at. */
export type DependencyState = 'up' | 'degraded' | 'down';

export interface DependencyStatus {
  readonly state: DependencyState;
  /** Since when it has been in this state, in milliseconds since the epoch. */
  readonly since: number;
  /** The kind of what went wrong last (an error's code or class, never its text); kept after recovery. */
  readonly lastError?: string;
  /** What an operator should change, a sentence each; absent when there is nothing. */
  readonly warnings?: readonly string[];
}

/**
 * What an adapter knows about the server it talks to, from the calls it makes anyway and its own reconnecting.
 * It starts as `down` until the first contact. `status` returns at once, asks nobody and never throws.
 */
export interface DependencyHealth {
  readonly dependency: DependencyName;
  status(): DependencyStatus;
}
