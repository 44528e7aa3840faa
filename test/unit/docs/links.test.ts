import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const FOLDERS = ['.', 'docs', 'docs/adr', 'examples/two-services'];
const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** The id that GitHub gives a heading. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

function anchorsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^```.*?^```/gms, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slugOf(heading));
}

describe('Links in the documents', () => {
  for (const file of files) {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)];
    if (links.length === 0) continue;

    it(`of ${file} lead to existing files and headings`, () => {
      for (const [, link = ''] of links) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : join(dirname(file), path);
        expect(existsSync(target), `${link} in ${file}`).to.equal(true);
        if (anchor !== undefined) expect(anchorsOf(target), `${link} in ${file}`).to.include(anchor);
      }
    });
  }
});
