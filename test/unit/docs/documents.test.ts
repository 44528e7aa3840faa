import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { VARIABLES } from '../../../src/config/settings/environment.js';
import { partOf } from '../../support/docs/documents.js';

const CONFIGURATION = 'docs/configuration.md';
const configuration = partOf(CONFIGURATION, 'configuration');
const rows = [...configuration.matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.+) \|$/gm)];

describe('docs/configuration.md', () => {
  it('lists every variable that the program reads, and no other', () => {
    const documented = rows.map(([, name]) => name);
    expect(documented).to.have.members([...VARIABLES.keys()]);
  });

  it('states the default of each', () => {
    const documented = rows.map(([, name, value]) => [name, value ?? '']);
    const inWords = (value: unknown): string =>
      Array.isArray(value) ? value.join(',') : JSON.stringify(value);
    const defaults = [...VARIABLES].map(([name, value]) => [
      name,
      value === undefined ? '' : inWords(value).replaceAll('"', ''),
    ]);
    expect(Object.fromEntries(documented)).to.deep.equal(Object.fromEntries(defaults));
  });
});

describe('docs/alerts.md', () => {
  it('shows an alert with a signature that matches its secret', () => {
    const secret = /`whsec_([^`]+)`/.exec(readFileSync('docs/alerts.md', 'utf8'))?.[1] ?? '';
    const example = partOf('docs/alerts.md', 'alert');
    const header = (name: string) => new RegExp(`^webhook-${name}: (.+)$`, 'm').exec(example)?.[1];
    const signed = [header('id'), header('timestamp'), /^\{.+\}$/m.exec(example)?.[0]].join('.');
    const signature = createHmac('sha256', Buffer.from(secret, 'base64')).update(signed).digest('base64');
    expect(header('signature')).to.equal(`v1,${signature}`);
  });
});

describe('The README', () => {
  it('has at most 150 lines', () => {
    expect(readFileSync('README.md', 'utf8').trimEnd().split('\n')).to.have.length.at.most(150);
  });
});

describe('Every document', () => {
  const documents = [
    ...['README.md', 'CONTRIBUTING.md', 'examples/two-services/README.md'],
    ...readdirSync('docs')
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };

  for (const document of documents) {
    it(`names only existing npm scripts: ${document}`, () => {
      const named = [...readFileSync(document, 'utf8').matchAll(/npm run\s+([\w:]+)/g)].map(
        ([, name]) => name,
      );
      expect(Object.keys(scripts)).to.include.members([...new Set(named)]);
    });
  }
});
