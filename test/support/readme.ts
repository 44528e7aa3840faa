import { readFileSync } from 'node:fs';

/** What stands in the README between the comments `<!-- name -->` and `<!-- /name -->`. */
export function between(name: string): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const start = readme.indexOf(`<!-- ${name} -->`);
  const end = readme.indexOf(`<!-- /${name} -->`);
  if (start < 0 || end < start) throw new Error(`The README has no part "${name}".`);
  return readme.slice(start, end);
}
