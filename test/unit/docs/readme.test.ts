import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { VARIABLES } from '../../../src/config/settings/environment.js';
import { between } from '../../support/docs/readme.js';

const rows = [...between('configuration').matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.+) \|$/gm)];

describe('The README', () => {
  it('has every variable that the program reads, and no other', () => {
    const documented = rows.map(([, name]) => name);
    expect(documented).to.have.members([...VARIABLES.keys()]);
  });

  it('states the default of each as it is', () => {
    const documented = rows.map(([, name, value]) => [name, value ?? '']);
    const inWords = (value: unknown): string =>
      Array.isArray(value) ? value.join(',') : JSON.stringify(value);
    const defaults = [...VARIABLES].map(([name, value]) => [
      name,
      value === undefined ? '' : inWords(value).replaceAll('"', ''),
    ]);
    expect(Object.fromEntries(documented)).to.deep.equal(Object.fromEntries(defaults));
  });

  it('links only to files that exist', () => {
    const readme = readFileSync('README.md', 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path ?? '');
    expect(links).not.to.deep.equal([]);
    for (const path of links) expect(() => readFileSync(path).length, path).not.to.throw(/ENOENT/);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readFileSync('README.md', 'utf8').matchAll(/npm run ([\w:]+)/g)].map(
      ([, name]) => name,
    );
    expect(Object.keys(scripts)).to.include.members([...new Set(named)]);
  });
});
