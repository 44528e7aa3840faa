import type { ReadPosition } from '../../../domain/inbox/message-status.js';

/**
 * Stores how far clients have read.
 *
 * `advance` moves a position forward to `through`, never back and never past the inbox's last number, even if other
 * processes move it concurrently. Resolves when it is durable. It never delays a delivery or conflicts with one.
 *
 * `of` returns the position and the time of its last move; undefined if nothing was read.
 *
 * Both reject with `DependencyUnavailable`.
 */
export interface ReadPositions {
  advance(client: string, through: number): Promise<void>;
  of(client: string): Promise<ReadPosition | undefined>;
}
