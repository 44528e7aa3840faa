import { rounded } from './statistics.js';

/** Reports whether a value meets a target such as `>= 0.85` or `<= 46.1`. */
export function isMet(target: string, value: number): boolean {
  const [, comparison, bound] = /^([<>]=) (\d+(?:\.\d+)?)$/.exec(target) ?? [];
  if (comparison === undefined) throw new Error(`"${target}" is not a target.`);
  return comparison === '>=' ? value >= Number(bound) : value <= Number(bound);
}

export function atMost(bound: number): string {
  return `<= ${rounded(bound)}`;
}

export function atLeast(bound: number): string {
  return `>= ${bound}`;
}
