import type { Scenario } from '../bench.js';
import { backlog } from './backlog.js';
import { cpuCosts } from './cpu-costs.js';
import { failureGroups } from './failure-groups.js';
import { latency } from './latency.js';
import { overload } from './overload.js';
import { pages } from './pages.js';
import { rejections } from './rejections.js';
import { replays } from './replays.js';
import { singleSends } from './single-sends.js';
import { soak } from './soak.js';
import { storeOutage } from './store-outage.js';

/** All scenarios, in the order in which they run within a round. */
export const SCENARIOS: readonly Scenario[] = [
  singleSends,
  backlog,
  latency,
  pages,
  failureGroups,
  replays,
  rejections,
  cpuCosts,
  overload,
  storeOutage,
  soak,
];
