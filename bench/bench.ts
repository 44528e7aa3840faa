import type { GeneratorTasks } from './load/generator.js';
import type { Worker } from './processes/worker.js';
import type { Results } from './report/results.js';
import type { Resources } from './resources.js';
import type { BenchServers } from './servers/bench-servers.js';
import type { Sizes } from './sizes.js';

/** What a scenario works with. */
export interface Bench {
  readonly sizes: Sizes;
  readonly servers: BenchServers;
  readonly generator: Worker<GeneratorTasks>;
  readonly results: Results;
  /** Ended when the scenario's round ends. */
  readonly resources: Resources;
}

/** Something that is measured. */
export interface Scenario {
  readonly name: string;
  /** In every round, interleaved with the others; or once, when a scenario repeats and interleaves within itself. */
  readonly repeats: 'each-round' | 'once';
  /** Whether it is part of a run of this size. */
  readonly isPartOf?: (sizes: Sizes) => boolean;
  readonly run: (bench: Bench) => Promise<void>;
}
