import { expect } from 'chai';
import { GOALS, type Goal } from '../../../../bench/report/goals.js';
import { measuresOf } from '../../../../bench/report/measures.js';
import { Results } from '../../../../bench/report/results.js';
import { rowsOf } from '../../../../bench/report/rows.js';
import { FULL, QUICK } from '../../../../bench/sizes.js';

function resultsWith(
  values: Readonly<Partial<Record<'floor' | 'sendsStoring' | 'naiveSends', number>>>,
): Results {
  const results = new Results();
  for (const [key, value] of Object.entries(values)) {
    results.add(key as keyof typeof values, { value, p50: 10, p99: 24 });
  }
  return results;
}

const rows = (results: Results, goals?: readonly Goal[]) =>
  rowsOf(results, FULL, goals).map(({ row }) => row);

describe("The benchmark's rows", () => {
  it('compare medians of the rounds, and name the reference', () => {
    const results = new Results();
    for (const value of [90, 200, 100]) results.add('sendsStoring', { value });
    for (const value of [1, 100, 300]) results.add('floor', { value });
    const [floor, row] = rows(results);
    expect(row).to.include({ value: 100, ratio: 1, ratioTo: floor?.name, target: '>= 0.85', met: true });
  });

  it('contain one row for each target of a figure', () => {
    const found = rows(resultsWith({ floor: 1000, naiveSends: 400, sendsStoring: 860 })).slice(2);
    expect(found.map(({ target, ratio, met }) => ({ target, ratio, met }))).to.deep.equal([
      { target: '>= 0.85', ratio: 0.86, met: true },
      { target: '>= 2.2', ratio: 2.15, met: false },
      { target: '<= 46', ratio: null, met: true },
    ]);
  });

  it('compare a tail latency with the limit derived from the floor of the same run', () => {
    const results = resultsWith({ floor: 1000 });
    results.add('sendsStoring', { value: 1, p99: 46.1 });
    const row = rows(results).at(-1);
    expect(row).to.include({ value: 46.1, unit: 'ms', target: '<= 46', met: false });
    expect(row?.name).to.match(/: p99$/);
  });

  it('compare a rate with its minimum', () => {
    const goals: Goal[] = [{ measure: 'rejectedOfOne', atLeast: 5_000 }];
    const metAt = (value: number): boolean | null | undefined => {
      const results = new Results();
      results.add('rejectedOfOne', { value });
      const [row] = rows(results, goals);
      expect(row).to.include({ value, unit: 'records/s', target: '>= 5000', ratio: null });
      return row?.met;
    };
    expect([4_999, 5_000].map(metAt)).to.deep.equal([false, true]);
  });

  it('contain one row without a target for a figure that has none', () => {
    expect(rows(resultsWith({ floor: 1000 }))).to.deep.equal([
      { ...{ name: measuresOf(FULL).floor.name, value: 1000, unit: 'messages/s' }, ...nothingToCompareWith },
    ]);
  });

  it('omit a target if its reference was not measured', () => {
    const [row, ...others] = rows(resultsWith({ sendsStoring: 860 }));
    expect(row).to.include(nothingToCompareWith);
    expect(others).to.deep.equal([]);
  });

  it('check the ratio as displayed', () => {
    const results = resultsWith({ floor: 10_000, sendsStoring: 8_499.9 });
    const goal: Goal = { measure: 'sendsStoring', ratioTo: 'floor', target: '>= 0.85' };
    expect(rows(results, [goal])[1]).to.include({ ratio: 0.85, met: true });
  });

  it('name their sizes, so that a quick run is not mistaken for a full one', () => {
    const [full, quick] = [measuresOf(FULL), measuresOf(QUICK)];
    expect([full.drain.name, quick.drain.name]).to.deep.equal([
      'draining 200,000 to 100 recipients over 12 partitions',
      'draining 40,000 to 100 recipients over 12 partitions',
    ]);
  });

  it('have different names', () => {
    const names = Object.values(measuresOf(FULL)).map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('have a measure for each target and for its reference', () => {
    const known = Object.keys(measuresOf(FULL));
    const used = GOALS.flatMap((goal) => ('ratioTo' in goal ? [goal.measure, goal.ratioTo] : [goal.measure]));
    expect(known).to.include.members(used);
  });
});

const nothingToCompareWith = { ratioTo: null, ratio: null, target: null, met: null };
