import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Rule, Violation } from '../history.js';

/**
 * The defects that can be loaded into the programs under test, each with rules of which it breaks at least
 * one.
 */
const BROKEN_RULES: ReadonlyMap<string, readonly Rule[]> = new Map<string, readonly Rule[]>([
  ['commit-before-settle', ['lost']],
  ['no-inbox-write', ['duplicate', 'number-gap', 'out-of-order']],
  ['no-unique-index', ['duplicate']],
  ['offset-too-far', ['lost']],
  ['reader-that-skips', ['reader-view']],
]);

export const DEFECTS: readonly string[] = [...BROKEN_RULES.keys()];

/** Returns the module that plants the defect, for `node --import`. Throws if the name is unknown. */
export function preloadOf(defect: string): string {
  const url = new URL(`./${defect}.mjs`, import.meta.url);
  if (existsSync(fileURLToPath(url))) return url.href;
  throw new Error(`--plant must be one of ${DEFECTS.join(', ')}, not ${defect}`);
}

/**
 * Reports whether the violations show the defect. Violations of other rules do not: on a busy machine replays
 * may still be in flight when a run with a planted defect ends.
 */
export function isFound(defect: string, violations: readonly Violation[]): boolean {
  return violations.some(({ rule }) => BROKEN_RULES.get(defect)?.includes(rule) === true);
}
