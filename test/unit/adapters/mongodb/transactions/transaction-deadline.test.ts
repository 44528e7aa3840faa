import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Transactions } from '../../../../../src/adapters/mongodb/transactions/transactions.js';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { labelled, noServer, serverError } from '../client/driver-errors.js';

const UNKNOWN = labelled(serverError(64), 'UnknownTransactionCommitResult');
const TRANSIENT = labelled(new mongo.MongoNetworkError('gone'), 'TransientTransactionError');
const DUPLICATE = serverError(11000);

type Call = () => Promise<void>;

/** A client under a fake clock that records when its sessions are called. The calls end as the test says. */
class SlowClient {
  readonly clock = new FakeClock();
  /** The calls, each with the seconds since the start. */
  readonly log: string[] = [];
  readonly options: mongo.TransactionOptions[] = [];
  /** The results of the calls in order; the last one is repeated. */
  commits: Call[] = [() => Promise.resolve()];
  kills: Call[] = [() => Promise.resolve()];
  private readonly began = this.clock.elapsed();
  private sessions = 0;

  note(what: string): void {
    this.log.push(`${what} ${String((this.clock.elapsed() - this.began) / 1_000)}`);
  }

  /** Takes some time, and then fails with the given error. */
  slow(ms: number, error?: Error): Call {
    return async () => {
      await new Promise<void>((resolve) => this.clock.after(ms, resolve));
      if (error) throw error;
    };
  }

  readonly transactions = new Transactions(
    {
      startSession: () => this.startSession(),
      db: () => ({ command: (command: { killSessions: { id: string }[] }) => this.kill(command) }),
    } as unknown as mongo.MongoClient, // Only this is called.
    this.clock,
  );

  /** Advances the clock in steps, so that retries can begin in between. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) await this.clock.advance(500);
  }

  private startSession(): unknown {
    const id = `session ${String(++this.sessions)}`;
    return {
      id: { id },
      startTransaction: (options: mongo.TransactionOptions) => {
        this.options.push(options);
      },
      commitTransaction: () => {
        this.note('commit');
        return next(this.commits);
      },
      endSession: () => {
        this.note('end');
        return Promise.resolve();
      },
    };
  }

  private kill({ killSessions }: { killSessions: { id: string }[] }): Promise<void> {
    this.note(`kill ${killSessions.map(({ id }) => id).join()}`);
    return next(this.kills);
  }
}

function next(calls: Call[]): Promise<void> {
  const [first] = calls;
  if (calls.length > 1) calls.shift();
  return first?.() ?? Promise.resolve();
}

interface Watched {
  readonly settled: () => boolean;
  readonly value: () => unknown;
  readonly error: () => unknown;
}

function watch(promise: Promise<unknown>): Watched {
  let [isSettled, value, error]: [boolean, unknown, unknown] = [false, undefined, undefined];
  promise.then(
    (result) => ([isSettled, value] = [true, result]),
    (reason: unknown) => ([isSettled, error] = [true, reason]),
  );
  return { settled: () => isSettled, value: () => value, error: () => error };
}

const causeOf = (run: Watched): unknown => {
  expect(run.error()).to.be.instanceOf(DependencyUnavailable);
  return (run.error() as DependencyUnavailable).cause;
};

describe('The deadline of a transaction', () => {
  let client: SlowClient;
  let tries: number;
  const working =
    (call: Call = () => Promise.resolve()) =>
    (): Promise<number> => {
      client.note('work');
      tries += 1;
      return call().then(() => tries);
    };
  const started = (prefix: string): number[] =>
    client.log.filter((line) => line.startsWith(prefix)).map((line) => Number(line.split(' ').at(-1)));

  beforeEach(() => {
    client = new SlowClient();
    tries = 0;
  });

  it('gives the server 5 s for a commit and for its confirmation', async () => {
    await client.transactions.run(working());
    expect(client.options[0]).to.include({ maxCommitTimeMS: 5_000 });
    expect(client.options[0]?.writeConcern).to.include({ w: 'majority', wtimeoutMS: 5_000 });
  });

  it('leaves no timer behind', async () => {
    await client.transactions.run(working());
    expect(client.clock.pendingTimers).to.equal(0);
  });

  it('repeats a commit of 5 s until 15 s have passed, and then reports an outage', async () => {
    client.commits = [client.slow(5_000, UNKNOWN)];
    const run = watch(client.transactions.run(working()));
    await client.pass(15_000);
    expect(started('commit')).to.deep.equal([0, 5, 10]);
    expect(causeOf(run)).to.equal(UNKNOWN);
    await client.pass(60_000);
    expect(started('work')).to.deep.equal([0]);
  });

  it('does not depend on the wall clock', async () => {
    client.commits = [client.slow(5_000, UNKNOWN), client.slow(5_000)];
    const run = watch(client.transactions.run(working()));
    await client.pass(2_000);
    client.clock.stepWall(3_600_000);
    await client.pass(8_000);
    expect(run.value()).to.equal(1);
  });

  it('starts no further commit after 15 s, however long the work took', async () => {
    client.commits = [client.slow(5_000, UNKNOWN)];
    const run = watch(client.transactions.run(working(client.slow(8_000))));
    await client.pass(18_000);
    expect(started('commit')).to.deep.equal([8, 13]);
    expect(causeOf(run)).to.equal(UNKNOWN);
  });

  it('repeats its work until 15 s have passed, and then reports an outage', async () => {
    const run = watch(client.transactions.run(working(client.slow(4_000, TRANSIENT))));
    while (!run.settled()) await client.pass(500);
    expect(started('work')).to.have.lengthOf(4);
    expect(Math.max(...started('work'))).to.be.below(15);
    expect(causeOf(run)).to.equal(TRANSIENT);
  });

  it('reports an outage even if its last attempt failed with a duplicate key', async () => {
    const run = watch(client.transactions.run(working(client.slow(15_000, DUPLICATE))));
    await client.pass(15_000);
    expect(causeOf(run)).to.equal(DUPLICATE);
  });

  it('does not repeat its work if ending the last transaction took until then', async () => {
    client.kills = [client.slow(13_000)];
    const run = watch(client.transactions.run(working(client.slow(3_000, TRANSIENT))));
    while (!run.settled()) await client.pass(500);
    expect(started('work')).to.deep.equal([0]);
    expect(started('kill')).to.have.lengthOf(1);
    expect(causeOf(run)).to.include({ name: 'TransactionTimedOut' });
  });

  for (const [what, hang] of [
    ['its work', (at: SlowClient, call: Call) => at.transactions.run(working(call))],
    [
      'its commit',
      (at: SlowClient, call: Call) => {
        at.commits = [call];
        return at.transactions.run(working());
      },
    ],
  ] as const) {
    it(`reports an outage to the caller after 24 s, while ${what} hangs`, async () => {
      const run = watch(hang(client, client.slow(60_000)));
      await client.pass(23_500);
      expect(run.settled()).to.equal(false);
      await client.pass(500);
      expect(causeOf(run)).to.include({ name: 'TransactionTimedOut' });
    });

    it(`lets the next transaction end it on the server if ${what} hung`, async () => {
      const hung = watch(hang(client, client.slow(60_000)));
      await client.pass(24_000);
      expect(hung.settled()).to.equal(true);
      client.commits = [() => Promise.resolve()];
      expect(await client.transactions.run(working())).to.equal(2);
      expect(client.log.filter((line) => line.startsWith('kill'))).to.deep.equal(['kill session 1 24']);
    });
  }

  it('does not commit after an outage was reported to the caller', async () => {
    watch(client.transactions.run(working(client.slow(30_000))));
    await client.pass(40_000);
    expect(started('commit')).to.deep.equal([]);
    expect(started('end')).to.deep.equal([30]);
  });

  it('starts no work after an outage was reported to the caller', async () => {
    const lost = watch(client.transactions.run(working(client.slow(1_000, noServer()))));
    await client.pass(1_000);
    expect(lost.error()).to.be.instanceOf(mongo.MongoServerSelectionError);
    client.kills = [client.slow(30_000)];
    const run = watch(client.transactions.run(working()));
    await client.pass(40_000);
    expect(causeOf(run)).to.include({ name: 'TransactionTimedOut' });
    expect(started('work')).to.deep.equal([0]);
  });

  it('repeats nothing if its commit ends after an outage was reported to the caller', async () => {
    client.commits = [client.slow(10_000, UNKNOWN), client.slow(20_000, UNKNOWN)];
    const run = watch(client.transactions.run(working()));
    await client.pass(24_000);
    expect(causeOf(run)).to.include({ name: 'TransactionTimedOut' });
    await client.pass(60_000);
    expect(started('commit')).to.deep.equal([0, 10]);
    expect(started('work')).to.deep.equal([0]);
  });
});
