import type { ReadPosition } from '../../../domain/inbox/message-status.js';

/**
 * How far clients have read. `advance` moves a position forward to `through`, never back and never past the inbox's
 * last number, whoever else moves it at once; resolves when it is durable. It never makes a delivery wait or fall.
 * `of` gives the position and when it was moved last; undefined where nothing was read.
 * Both reject with `DependencyUnavailable`.
 */
export interface ReadPositions {
  advance(client: string, through: number): Promise<void>;
  of(client: string): Promise<ReadPosition | undefined>;
}
