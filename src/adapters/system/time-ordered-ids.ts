import type { IdSource } from '../../application/ports/clock.js';
import type { MessageId } from '../../domain/message.js';

/** Returns `count` random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

const COUNTER_LIMIT = 0x1000000;

/**
 * Generates ids of 12 bytes in hex: 6 bytes of milliseconds since the epoch, 3 random bytes of this process and a
 * counter of 3 bytes. Ids increase in the order of generation, even if the clock stands still or steps back. The
 * counter starts at a random value, so two processes with the same random bytes are unlikely to generate the same id.
 */
export class TimeOrderedIds implements IdSource {
  private readonly process: string;
  private counter: number;
  private time = -1;
  private timeHex = '';

  constructor(randomBytes: RandomBytes) {
    const bytes = Buffer.from(randomBytes(6));
    this.process = bytes.toString('hex', 0, 3);
    this.counter = bytes.readUIntBE(3, 3);
  }

  next(now: number): MessageId {
    this.counter = (this.counter + 1) % COUNTER_LIMIT;
    if (now > this.time) this.advanceTo(now);
    else if (this.counter === 0) this.advanceTo(this.time + 1);
    return this.timeHex + this.process + this.counter.toString(16).padStart(6, '0');
  }

  private advanceTo(time: number): void {
    this.time = Math.floor(time);
    this.timeHex = this.time.toString(16).padStart(12, '0');
  }
}
