import { readFileSync } from 'node:fs';

/** The text between the first comments `<!-- name -->` and `<!-- /name -->` of a document. */
export function partOf(document: string, name: string): string {
  const [first] = partsOf(document, name);
  if (first === undefined) throw new Error(`${document} has no part "${name}".`);
  return first;
}

/** All parts of that name. */
export function partsOf(document: string, name: string): string[] {
  const text = readFileSync(new URL(`../../../${document}`, import.meta.url), 'utf8');
  const [, ...parts] = text.split(`<!-- ${name} -->`);
  return parts.map((part) => {
    const end = part.indexOf(`<!-- /${name} -->`);
    if (end < 0) throw new Error(`A part "${name}" of ${document} has no end.`);
    return part.slice(0, end);
  });
}
