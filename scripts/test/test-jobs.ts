import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { groupBy } from '../../src/application/group-by.js';

/** What a test file needs besides Node. Each cluster test starts its own cluster. */
export type Need = 'nothing' | 'servers' | 'cluster';

/** Test files that run in one mocha process. */
export interface TestJob {
  readonly name: string;
  readonly files: readonly string[];
  readonly need: Need;
  /** The limit of each test that sets none. */
  readonly timeoutMs: number;
  /** The major version of Node; the running one if absent. */
  readonly node?: number;
}

const NODE_VERSIONS = [20, 22, 24, 26];
const UNIT_VERSIONS = [20, 26];
/** The end-to-end tests that run on each version of Node. */
const STARTED_PROGRAM = 'test/e2e/program/main.embedded.test.ts';
const UNIT_MS = 10_000;
const SLOW_MS = 60_000;
/** Jobs that take more than a minute, the longest first, so that none of them is left for the end. */
export const LONGEST: readonly string[] = [
  'test/faults/failures/bulk-replay.test.ts',
  'test/faults/full-backend.test.ts',
  'test/faults/connection/mongo-majority.cluster.test.ts',
  'test/faults/failures/failed-messages.test.ts',
  'test/integration/cluster/sending/sends.cluster.test.ts',
  'test/faults/torture.cluster.test.ts',
  'test/unit/adapters',
];
/** How many jobs that keep a core busy may run at once. */
const MAX_DEMANDING = 2;

/** Finds the jobs whose files match a filter; all without filters. The longest come first. */
export function testJobs(root: string, filters: readonly string[]): readonly TestJob[] {
  const filesIn = (folder: string): string[] => {
    const path = join(root, 'test', folder);
    const names = existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
    const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => join('test', folder, name));
    return files.filter((file) => filters.length === 0 || filters.some((part) => file.includes(part))).sort();
  };
  const slow = ['integration', 'e2e', 'faults'].flatMap(filesIn);
  const jobs = [...slow.map(slowJob), ...unitJobs(filesIn('unit'))];
  return jobs.sort((one, other) => rank(one) - rank(other));
}

/**
 * Reports whether a job may start beside the running ones. A cluster is six servers, and fault runs send as much as
 * the system can take.
 */
export function mayStart(job: TestJob, running: readonly TestJob[]): boolean {
  if (job.need === 'cluster' && running.some(({ need }) => need === 'cluster')) return false;
  return !isDemanding(job) || running.filter(isDemanding).length < MAX_DEMANDING;
}

function isDemanding({ name, need }: TestJob): boolean {
  return need === 'cluster' || name.startsWith('test/faults/');
}

/** Finds the jobs that test the program on the supported versions of Node besides `running`. */
export function nodeVersionJobs(root: string, running: number): readonly TestJob[] {
  const on = (versions: readonly number[], filter: string): readonly TestJob[] =>
    versions
      .filter((node) => node !== running)
      .flatMap((node) =>
        testJobs(root, [filter]).map((job) => ({ ...job, node, name: `${job.name} on Node ${node}` })),
      );
  return [...on(NODE_VERSIONS, STARTED_PROGRAM), ...on(UNIT_VERSIONS, 'test/unit/')];
}

function slowJob(file: string): TestJob {
  return { name: file, files: [file], need: needOf(file), timeoutMs: SLOW_MS };
}

function needOf(file: string): Need {
  if (file.endsWith('.embedded.test.ts')) return 'nothing';
  return file.endsWith('.cluster.test.ts') ? 'cluster' : 'servers';
}

/** Unit tests are quick, so a process runs those of a whole folder. */
function unitJobs(files: readonly string[]): readonly TestJob[] {
  const folders = groupBy(files, (file) => file.split('/').slice(0, 3).join('/'));
  return [...folders].map(([name, own]) => ({ name, files: own, need: 'nothing', timeoutMs: UNIT_MS }));
}

function rank({ name }: TestJob): number {
  const at = LONGEST.indexOf(name);
  return at < 0 ? LONGEST.length : at;
}
