import type { Scenario } from '../bench.js';
import { serverKind } from '../../scripts/stack/availability.js';
import { measureLogCosts } from './log-costs.js';
import { measureReadCosts } from './read-costs.js';
import { measureStorageCosts } from './storage-costs.js';

/** Measures the CPU that storing, logging and reading a message cost each server, single and replicated. */
export const cpuCosts: Scenario = {
  name: 'cpu-costs',
  repeats: 'each-round',
  run: async (bench) => {
    // The CPU of servers in containers or on other machines cannot be read.
    const kind = await serverKind('local');
    if (typeof kind !== 'string') {
      console.error(`Skipped: cpu-costs. It starts its own servers and needs ${kind.missing}.`);
      return;
    }
    await bench.resources.within((resources) => measureStorageCosts(bench, resources));
    await bench.resources.within((resources) => measureLogCosts(bench, resources));
    await bench.resources.within((resources) => measureReadCosts(bench, resources));
  },
};
