import type { Bench, Scenario } from './bench.js';
import type { GeneratorTasks } from './load/generator.js';
import { Worker } from './processes/worker.js';
import { Results } from './report/results.js';
import type { Resources } from './resources.js';
import { benchServers } from './servers/bench-servers.js';
import type { Sizes } from './sizes.js';

/** Runs the scenarios, interleaved in each round, and resolves with their results. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  sizes: Sizes,
  resources: Resources,
  log: (text: string) => void,
): Promise<Results> {
  log('Starting Kafka and MongoDB (the first start downloads them) ...');
  const servers = await benchServers(resources);
  const generator = resources.add(Worker.start<GeneratorTasks>('load/generator.ts'), (worker) =>
    worker.stop(),
  );
  const bench: Bench = { sizes, servers, generator, resources, results: new Results() };
  const run = async ({ name, run: measure }: Scenario, round: string): Promise<void> => {
    const startedAt = Date.now();
    await measure(bench);
    log(`${name}${round}: ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`);
  };
  const selected = scenarios.filter(({ isPartOf }) => isPartOf?.(sizes) ?? true);
  for (let round = 1; round <= sizes.rounds; round += 1) {
    for (const scenario of selected.filter(({ repeats }) => repeats === 'each-round')) {
      await run(scenario, sizes.rounds === 1 ? '' : `, round ${round} of ${sizes.rounds}`);
    }
  }
  for (const scenario of selected.filter(({ repeats }) => repeats === 'once')) await run(scenario, '');
  return bench.results;
}
