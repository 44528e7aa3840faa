import type { AlertState } from '../../../domain/alerts/alert.js';

/**
 * Keeps what is known about alerts, durably. `change` replaces it by what the function makes of it, as one step that
 * no other process comes between, and resolves with it; undefined, and nothing written, where the function gives
 * undefined. It begins as `NO_ALERTS`. The function may be called more than once. Rejects with `DependencyUnavailable`.
 */
export interface AlertOutbox {
  change(change: (state: AlertState) => AlertState | undefined): Promise<AlertState | undefined>;
}
