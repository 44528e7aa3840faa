/** The median. For an even number of values it is the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('An empty list has no median.');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('An empty list has no mean.');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The quantile of sorted values by nearest rank: the smallest value that at least `share` of them do not exceed. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? 0;
}

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const { length: count } = sorted;
  return { count, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted[count - 1] ?? 0 };
}

/** Rounds to three significant digits, but never rounds the integer part. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
