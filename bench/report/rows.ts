import { GOALS, type Goal } from './goals.js';
import { measuresOf, type MeasureKey } from './measures.js';
import type { Results, Sample } from './results.js';
import type { Sizes } from '../sizes.js';
import { rounded } from './statistics.js';
import { atLeast, atMost, isMet } from './target.js';

/** One row of the table and of the JSON file. Members are null if there is nothing to compare with. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The name of the row that is the base of `ratio`. */
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

/** Returns a row for each target of a measure, or one row if it has no target, in the order of the measures. */
export function rowsOf(results: Results, sizes: Sizes, goals: readonly Goal[] = GOALS): MeasuredRow[] {
  const measures = measuresOf(sizes);
  const keys = Object.keys(measures) as MeasureKey[]; // The literal has exactly these keys.
  return keys.flatMap((key) => {
    const sample = results.median(key);
    if (sample === undefined) return [];
    const { name, unit } = measures[key];
    const baseRow = { name, value: rounded(sample.value), unit, ...NO_GOAL };
    const rows = goals
      .filter(({ measure }) => measure === key)
      .flatMap((goal): Row[] => evaluate(goal, baseRow, sample, results, (to) => measures[to].name));
    return (rows.length > 0 ? rows : [baseRow]).map((row) => ({ row, sample }));
  });
}

/** Compares a sample with its target. Returns no row if the base or the bound was not measured. */
function evaluate(
  goal: Goal,
  baseRow: Row,
  sample: Sample,
  results: Results,
  nameOf: (key: MeasureKey) => string,
): Row[] {
  if ('ratioTo' in goal) {
    const base = results.median(goal.ratioTo)?.value;
    if (base === undefined) return [];
    // Use the rounded ratio that the table shows, so that the verdict agrees with it.
    const ratio = Number((sample.value / base).toFixed(3));
    const { target } = goal;
    return [{ ...baseRow, ratioTo: nameOf(goal.ratioTo), ratio, target, met: isMet(target, ratio) }];
  }
  if ('atLeast' in goal) {
    const target = atLeast(goal.atLeast);
    return [{ ...baseRow, target, met: isMet(target, baseRow.value) }];
  }
  const bound = goal.atMost(results);
  const figure = sample[goal.stat ?? 'value'];
  if (bound === undefined || figure === undefined) return [];
  const target = atMost(bound);
  const value = rounded(figure);
  const figureRow =
    goal.stat === undefined ? baseRow : { ...baseRow, name: `${baseRow.name}: ${goal.stat}`, unit: 'ms' };
  return [{ ...figureRow, value, target, met: isMet(target, value) }];
}
