import { expect } from 'chai';
import fc from 'fast-check';
import { runSchedule, type Schedule } from '../../../../scripts/test/schedule.js';

/** Jobs that end when the test says so. */
class ManualJobs {
  readonly started: string[] = [];
  readonly lanes = new Set<number>();
  private readonly ends = new Map<string, (error?: Error) => void>();

  readonly run = (job: string, lane: number): Promise<void> => {
    this.started.push(job);
    this.lanes.add(lane);
    return new Promise((resolve, reject) =>
      this.ends.set(job, (error) => {
        if (error) reject(error);
        else resolve();
      }),
    );
  };

  async end(job: string, error?: Error): Promise<void> {
    this.ends.get(job)?.(error);
    await nextTurn();
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The schedule of a test run', () => {
  let jobs: ManualJobs;

  beforeEach(() => {
    jobs = new ManualJobs();
  });

  const begin = async (
    names: readonly string[],
    options: Partial<Schedule<string>> = {},
  ): Promise<{ readonly result: Promise<void> }> => {
    const result = runSchedule({ jobs: names, lanes: 2, mayStart: () => true, run: jobs.run, ...options });
    result.catch(() => undefined);
    await nextTurn();
    return { result };
  };

  it('runs as many jobs as there are lanes, in order', async () => {
    const { result } = await begin(['a', 'b', 'c', 'd']);
    expect(jobs.started).to.deep.equal(['a', 'b']);
    await jobs.end('b');
    expect(jobs.started).to.deep.equal(['a', 'b', 'c']);
    await jobs.end('a');
    await jobs.end('c');
    await jobs.end('d');
    await result;
    expect([...jobs.lanes]).to.deep.equal([0, 1]);
  });

  it('starts a later job while an earlier one has to wait', async () => {
    const isLarge = (job: string): boolean => job.startsWith('large');
    const { result } = await begin(['large 1', 'large 2', 'small'], {
      mayStart: (job, running) => !isLarge(job) || !running.some(isLarge),
    });
    expect(jobs.started).to.deep.equal(['large 1', 'small']);
    await jobs.end('small');
    expect(jobs.started).to.deep.equal(['large 1', 'small']);
    await jobs.end('large 1');
    expect(jobs.started).to.deep.equal(['large 1', 'small', 'large 2']);
    await jobs.end('large 2');
    await result;
  });

  it('rejects when running jobs have ended, and starts no other one, if a job rejects', async () => {
    const { result } = await begin(['a', 'b', 'c']);
    let isOver = false;
    const over = result.catch((error: unknown) => {
      isOver = true;
      return error;
    });
    await jobs.end('a', new Error('interrupted'));
    expect(isOver).to.equal(false);
    await jobs.end('b');
    expect(await over).to.have.property('message', 'interrupted');
    expect(jobs.started).to.deep.equal(['a', 'b']);
  });

  it('runs each job exactly once and never two that exclude each other', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.record({ excludes: fc.boolean(), turns: fc.integer({ min: 0, max: 4 }) }), {
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 5 }),
      async (planned, lanes) => {
        const running = new Set<(typeof planned)[number]>();
        const ended: unknown[] = [];
        await runSchedule({
          jobs: planned,
          lanes,
          mayStart: ({ excludes }, others) => !excludes || others.every((other) => !other.excludes),
          run: async (job) => {
            running.add(job);
            expect(running.size).to.be.at.most(lanes);
            expect([...running].filter(({ excludes }) => excludes).length).to.be.at.most(1);
            for (let turn = 0; turn < job.turns; turn += 1) await nextTurn();
            running.delete(job);
            ended.push(job);
          },
        });
        expect(ended).to.have.members(planned);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});
