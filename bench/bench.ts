import type { GeneratorTasks } from './load/generator.js';
import type { Worker } from './processes/worker.js';
import type { Results } from './report/results.js';
import type { Resources } from './resources.js';
import type { BenchServers } from './servers/bench-servers.js';
import type { Sizes } from './sizes.js';

/** The environment of a scenario. */
export interface Bench {
  readonly sizes: Sizes;
  readonly servers: BenchServers;
  readonly generator: Worker<GeneratorTasks>;
  readonly results: Results;
  /** Closed at the end of the scenario's round. */
  readonly resources: Resources;
}

/** A measured scenario. */
export interface Scenario {
  readonly name: string;
  /**
   * `each-round`: interleaved with the others. `once`: the scenario repeats and interleaves its measurements itself.
   */
  readonly repeats: 'each-round' | 'once';
  /** Reports whether the scenario is part of a run of this size. By default it is. */
  readonly isPartOf?: (sizes: Sizes) => boolean;
  readonly run: (bench: Bench) => Promise<void>;
}
