import { expect } from 'chai';
import type { Need, TestJob } from '../../../../scripts/test/test-jobs.js';
import { TestRun, type TestRunOptions } from '../../../../scripts/test/test-run.js';

const job = (name: string, need: Need): TestJob => ({ name, need, files: [name], timeoutMs: 1_000 });

describe('A test run', () => {
  let printed: string[];

  beforeEach(() => {
    printed = [];
  });

  const run = (options: Partial<TestRunOptions>): Promise<unknown> =>
    new TestRun({
      ...{ jobs: [], lanes: 2, missing: {}, isStrict: false, print: (text) => printed.push(text) },
      ...options,
    }).run();

  it('says what it leaves out, and how to run it', async () => {
    const jobs = [job('a', 'servers'), job('b', 'servers'), job('c', 'cluster')];
    const missing = { servers: 'Docker, or Java 17', cluster: 'Java 17' };
    expect(await run({ jobs, missing })).to.deep.equal({ passed: 0, failed: 0, skipped: 0 });
    expect(printed).to.deep.equal([
      'Skipped: 2 test files that need a real Kafka and MongoDB. To run them, install what is missing: Docker, or Java 17.',
      'Skipped: 1 test files that need a cluster. To run them, install what is missing: Java 17.',
    ]);
  });

  it('fails if it leaves tests out although all are required', async () => {
    const jobs = [job('a', 'servers')];
    const counts = await run({ jobs, missing: { servers: 'Docker' }, isStrict: true });
    expect(counts).to.deep.equal({ passed: 0, failed: 1, skipped: 0 });
  });

  it('prints the output of each job and the progress, and counts what fails', async () => {
    // Mocha finds no such file, so each job fails.
    const jobs = [job('no-such-file-a', 'nothing'), job('no-such-file-b', 'nothing')];
    expect(await run({ jobs })).to.deep.equal({ passed: 0, failed: 2, skipped: 0 });
    expect(printed[0]).to.match(
      /no test files found.*\[1 of 2\] no-such-file-[ab]: 0 passed, 1 failed, 0 skipped, /is,
    );
    expect(printed[1]).to.match(/\[2 of 2\] no-such-file/);
    expect(printed.slice(2).join('\n')).to.match(/^\nSlowest:\n +\d.* s {2}no-such-file/);
  });
}).timeout(30_000);
