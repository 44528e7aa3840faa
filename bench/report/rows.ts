import { GOALS, type Goal } from './goals.js';
import { measuresOf, type MeasureKey } from './measures.js';
import type { Results, Sample } from './results.js';
import type { Sizes } from '../sizes.js';
import { rounded } from './statistics.js';
import { atLeast, atMost, isMet } from './target.js';

/** One line of the table, and of the JSON file; null where there is nothing to compare with. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The name of the row that `ratio` compares with. */
  readonly ratioTo: string | null;
  readonly ratio: number | null;
  readonly target: string | null;
  readonly met: boolean | null;
}

export interface MeasuredRow {
  readonly row: Row;
  readonly sample: Sample;
}

const NO_GOAL = { ratioTo: null, ratio: null, target: null, met: null };

/** A row for each target that was measured, and one for what has none, in the order of the measures. */
export function rowsOf(results: Results, sizes: Sizes, goals: readonly Goal[] = GOALS): MeasuredRow[] {
  const measures = measuresOf(sizes);
  const keys = Object.keys(measures) as MeasureKey[]; // The keys of a literal are all that it has.
  return keys.flatMap((key) => {
    const sample = results.median(key);
    if (sample === undefined) return [];
    const { name, unit } = measures[key];
    const plain = { name, value: rounded(sample.value), unit, ...NO_GOAL };
    const rows = goals
      .filter(({ of }) => of === key)
      .flatMap((goal): Row[] => judged(goal, plain, sample, results, (to) => measures[to].name));
    return (rows.length > 0 ? rows : [plain]).map((row) => ({ row, sample }));
  });
}

/** Nothing where what it is compared with was not measured. */
function judged(
  goal: Goal,
  plain: Row,
  sample: Sample,
  results: Results,
  nameOf: (key: MeasureKey) => string,
): Row[] {
  if ('ratioTo' in goal) {
    const base = results.median(goal.ratioTo)?.value;
    if (base === undefined) return [];
    // Judged as it is shown, so that a reader comes to the same end.
    const ratio = Number((sample.value / base).toFixed(3));
    const { target } = goal;
    return [{ ...plain, ratioTo: nameOf(goal.ratioTo), ratio, target, met: isMet(target, ratio) }];
  }
  if ('atLeast' in goal) {
    const target = atLeast(goal.atLeast);
    return [{ ...plain, target, met: isMet(target, plain.value) }];
  }
  const bound = goal.atMost(results);
  const figure = sample[goal.stat ?? 'value'];
  if (bound === undefined || figure === undefined) return [];
  const target = atMost(bound);
  const value = rounded(figure);
  const of = goal.stat === undefined ? plain : { ...plain, name: `${plain.name}: ${goal.stat}`, unit: 'ms' };
  return [{ ...of, value, target, met: isMet(target, value) }];
}
