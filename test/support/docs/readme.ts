import { readFileSync } from 'node:fs';

/** What stands in the README between the comments `<!-- name -->` and `<!-- /name -->`, the first time. */
export function between(name: string): string {
  const [first] = allBetween(name);
  if (first === undefined) throw new Error(`The README has no part "${name}".`);
  return first;
}

/** All parts of that name. */
export function allBetween(name: string): string[] {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, ...parts] = readme.split(`<!-- ${name} -->`);
  return parts.map((part) => {
    const end = part.indexOf(`<!-- /${name} -->`);
    if (end < 0) throw new Error(`A part "${name}" of the README has no end.`);
    return part.slice(0, end);
  });
}
