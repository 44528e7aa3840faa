import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  LONGEST,
  mayStart,
  nodeVersionJobs,
  testJobs,
  type Need,
  type TestJob,
} from '../../../../scripts/test/test-jobs.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const FILES = [
  'test/unit/domain/inbox/inbox.test.ts',
  'test/unit/domain/message.test.ts',
  'test/unit/config/settings.test.ts',
  'test/e2e/inbox/live.test.ts',
  'test/e2e/inbox/cursor.embedded.test.ts',
  'test/integration/cluster/sends.cluster.test.ts',
  'test/support/clock.ts',
];

describe('The jobs of a test run', () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'postrider-jobs-'));
    for (const file of FILES) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), '');
    }
  });

  after(() => rm(root, { recursive: true }));

  const jobs = (...filters: string[]): readonly string[] =>
    testJobs(root, filters).map(({ files, need }) => `${files.join(' ')}: ${need}`);

  it('are one for each file with servers, and one for each folder of unit tests', () => {
    expect(jobs()).to.deep.equal([
      'test/integration/cluster/sends.cluster.test.ts: cluster',
      'test/e2e/inbox/cursor.embedded.test.ts: nothing',
      'test/e2e/inbox/live.test.ts: servers',
      'test/unit/config/settings.test.ts: nothing',
      'test/unit/domain/inbox/inbox.test.ts test/unit/domain/message.test.ts: nothing',
    ]);
  });

  it('are those whose path contains one of the filters', () => {
    expect(jobs('domain/message', 'e2e')).to.deep.equal([
      'test/e2e/inbox/cursor.embedded.test.ts: nothing',
      'test/e2e/inbox/live.test.ts: servers',
      'test/unit/domain/message.test.ts: nothing',
    ]);
    expect(jobs('no such file')).to.deep.equal([]);
  });

  it('test the unit suite on the oldest and newest Node besides the running one, and the program on each', () => {
    const names = (running: number): readonly string[] =>
      nodeVersionJobs(ROOT, running).map(({ name }) => name.replace(/(unit)\/\S+/, '$1'));
    const program = (node: number): string =>
      `test/e2e/program/main.embedded.test.ts on Node ${String(node)}`;
    const unit = (node: number): string => `test/unit on Node ${String(node)}`;
    expect([...new Set(names(20))]).to.deep.equal([program(22), program(24), program(26), unit(26)]);
    expect([...new Set(names(24))]).to.deep.equal([
      program(20),
      program(22),
      program(26),
      unit(20),
      unit(26),
    ]);
  });

  it('run beside each other, except for several clusters, and more than two that keep a core busy', () => {
    const job = (name: string, need: Need = 'servers'): TestJob => ({
      name,
      need,
      files: [name],
      timeoutMs: 1,
    });
    const [cluster, otherCluster] = [job('test/e2e/a', 'cluster'), job('test/e2e/b', 'cluster')];
    const [faults, otherFaults] = [job('test/faults/a'), job('test/faults/b')];
    const light = job('test/e2e/c');
    expect(mayStart(cluster, [])).to.equal(true);
    expect(mayStart(otherCluster, [cluster])).to.equal(false);
    expect(mayStart(faults, [cluster, light])).to.equal(true);
    expect(mayStart(otherFaults, [cluster, faults])).to.equal(false);
    expect(mayStart(cluster, [faults, otherFaults])).to.equal(false);
    expect(mayStart(light, [faults, otherFaults])).to.equal(true);
  });

  it('begin with the longest, all of which exist', () => {
    const first = testJobs(ROOT, []).slice(0, LONGEST.length);
    expect(first.map(({ name }) => name)).to.deep.equal(LONGEST);
  });
});
