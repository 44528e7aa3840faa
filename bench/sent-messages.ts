/** The messages sent to one log and those that were acknowledged, by message number. */
export class SentMessages {
  private next = 0;
  private bits = new Uint8Array(0);
  acknowledged = 0;

  /** Reserves `count` unused numbers and returns the first one. */
  reserve(count: number): number {
    const first = this.next;
    this.next += count;
    return first;
  }

  /** Bit n of the map says whether message `first + n` was acknowledged. */
  acknowledge(first: number, map: Uint8Array): void {
    if (this.bits.length < this.next) this.bits = resized(this.bits, this.next);
    for (let at = 0; at < map.length * 8; at += 1) {
      if (((map[at >> 3] ?? 0) & (1 << (at & 7))) === 0) continue;
      this.bits[first + at] = 1;
      this.acknowledged += 1;
    }
  }

  /** Compares how often each number is stored with what was acknowledged. */
  compare(stored: ReadonlyMap<number, number> | StoredCounts): { missing: number; duplicates: number } {
    let missing = 0;
    let duplicates = 0;
    for (let number = 0; number < this.next; number += 1) {
      const copies = stored.get(number) ?? 0;
      if (this.bits[number] === 1 && copies === 0) missing += 1;
      // A message that was not acknowledged may still be stored once.
      if (copies > 1) duplicates += 1;
    }
    return { missing, duplicates };
  }
}

/** Counts occurrences of numbers. Uses less memory than a map for millions of them. */
export class StoredCounts {
  private counts = new Uint8Array(1 << 16);

  add(number: number): void {
    if (number >= this.counts.length) this.counts = resized(this.counts, 2 * number);
    this.counts[number] = Math.min(255, (this.counts[number] ?? 0) + 1);
  }

  get(number: number): number | undefined {
    return this.counts[number];
  }
}

function resized(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
