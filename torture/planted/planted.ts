import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Defects that a run puts into the programs under test, so that the checker shows that it could find them. */
export const DEFECTS = [
  'commit-before-settle',
  'no-inbox-write',
  'no-unique-index',
  'offset-too-far',
  'reader-that-skips',
] as const;

/** The module that plants the defect, for `node --import`. Throws if there is none of that name. */
export function preloadOf(defect: string): string {
  const url = new URL(`./${defect}.mjs`, import.meta.url);
  if (existsSync(fileURLToPath(url))) return url.href;
  throw new Error(`--plant takes one of ${DEFECTS.join(', ')}, and is ${defect}`);
}
