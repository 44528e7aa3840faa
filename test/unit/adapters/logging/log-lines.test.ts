import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const THIS = 'log-lines.test.ts';

function filesIn(folder: string): string[] {
  const names = readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith(THIS))
    .map((name) => `${ROOT}${folder}/${name}`);
}

const textOf = (folder: string) => filesIn(folder).map((file) => readFileSync(file, 'utf8'));
const runbook = readFileSync(`${ROOT}docs/operations.md`, 'utf8');
const section = /^## Log lines\n([^]*?)^## /m.exec(runbook)?.[1] ?? '';
const rows = section.split('\n').filter((line) => line.startsWith('| `'));
const documented = rows.flatMap((row) =>
  [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, event]) => event),
);

// Event names are literals where they are logged, in the form area.what-happened.
const EVENT =
  /'((?:program|http|message|delivery|log|store|retention|replay|alert)\.[a-z]+(?:-[a-z]+)*|kafkajs)'(?=[,)])/g;
const calls = textOf('src').flatMap((text) => [...text.matchAll(EVENT)]);
const events = [...new Set(calls.map(([, event = '']) => event))];

describe('The log lines', () => {
  it('are found', () => {
    expect(events).to.include.members(['program.started', 'http.failed', 'delivery.outage-began']);
  });

  it('are all listed in the runbook, which lists no others', () => {
    expect(documented).to.have.members(events);
  });

  const tests = textOf('test');
  for (const event of events) {
    it(`${event} is checked by a test`, () => {
      expect(tests.some((text) => text.includes(`'${event}'`))).to.equal(true);
    });
  }
});
