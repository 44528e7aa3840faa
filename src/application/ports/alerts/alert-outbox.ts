import type { AlertState } from '../../../domain/alerts/alert.js';

/**
 * Stores the state of alerts durably. The initial state is `NO_ALERTS`.
 *
 * `change` replaces the state by the function's result in one atomic step and resolves with it. If the function
 * returns undefined, `change` writes nothing and resolves with undefined. The function may be called more than
 * once. Rejects with `DependencyUnavailable`.
 */
export interface AlertOutbox {
  change(change: (state: AlertState) => AlertState | undefined): Promise<AlertState | undefined>;
}
