import type { MeasureKey } from './measures.js';
import { median } from './statistics.js';

/**
 * The result of one measurement. Times are milliseconds until responses. CPU is of the process that answers or stores.
 */
export interface Sample {
  readonly value: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly cpuMicrosPerMessage?: number;
  readonly peakMegabytes?: number;
}

const STATS = ['value', 'p50', 'p99', 'cpuMicrosPerMessage', 'peakMegabytes'] as const;

/** The results of all rounds so far. */
export class Results {
  private readonly samples = new Map<MeasureKey, Sample[]>();
  /** Errors that fail the run, such as a missing acknowledged message. */
  readonly failures: string[] = [];

  add(key: MeasureKey, sample: Sample): void {
    const samples = this.samples.get(key);
    if (samples) samples.push(sample);
    else this.samples.set(key, [sample]);
  }

  /** Returns the median of each figure over the rounds; undefined if nothing was measured. */
  median(key: MeasureKey): Sample | undefined {
    const samples = this.samples.get(key);
    if (samples === undefined) return undefined;
    const medians: { -readonly [Stat in keyof Sample]: Sample[Stat] } = { value: 0 };
    for (const stat of STATS) {
      const values = samples.flatMap((sample) => sample[stat] ?? []);
      if (values.length > 0) medians[stat] = median(values);
    }
    return medians;
  }
}
