/** Returns a generator of numbers in [0, 1), deterministic for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(from: readonly T[], random: () => number): T {
  // The index is in range, because the generator never returns 1.
  return from[Math.floor(random() * from.length)] as T;
}

export function between(low: number, high: number, random: () => number): number {
  return Math.round(low + random() * (high - low));
}
