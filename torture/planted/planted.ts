import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Defects that can be loaded into the programs under test, to prove that the checker finds them. */
export const DEFECTS = [
  'commit-before-settle',
  'no-inbox-write',
  'no-unique-index',
  'offset-too-far',
  'reader-that-skips',
] as const;

/** Returns the module that plants the defect, for `node --import`. Throws if the name is unknown. */
export function preloadOf(defect: string): string {
  const url = new URL(`./${defect}.mjs`, import.meta.url);
  if (existsSync(fileURLToPath(url))) return url.href;
  throw new Error(`--plant takes one of ${DEFECTS.join(', ')}, and is ${defect}`);
}
