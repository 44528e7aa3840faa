import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { migrate, type Migration, type OpenMigration } from '../../../../src/config/legacy-import/migrate.js';
import type { Settings } from '../../../../src/config/settings/settings.js';

const ENV = { MONGODB_URI: 'mongodb://localhost/test', KAFKA_BROKER: 'localhost:9092' };
const NOTHING = { stored: 0, failed: 0, known: 0 };

class FakeMigration implements Migration {
  readonly calls: string[] = [];
  counts = { messages: { stored: 2, failed: 1, known: 3 }, failures: { ...NOTHING, failed: 4, known: 1 } };

  takeGroup: Migration['takeGroup'] = (from, onWait) => {
    this.calls.push(`group ${from}`);
    onWait(from);
    const starts = [
      { group: 'ours', topic: 'messages', partitions: 1 },
      { group: 'our-failures', topic: 'dead', partitions: 0 },
    ];
    return Promise.resolve(starts);
  };

  takeCollections: Migration['takeCollections'] = (onProgress) => {
    this.calls.push('collections');
    onProgress({ kind: 'messages', done: 500, total: 700 });
    onProgress({ kind: 'failures', done: 5, total: 4 });
    return Promise.resolve(this.counts);
  };

  others: readonly string[] = [];
  notTakenOver: Migration['notTakenOver'] = () => Promise.resolve(this.others);

  close = (): Promise<void> => {
    this.calls.push('close');
    return Promise.resolve();
  };
}

async function run(
  argv: readonly string[] = [],
  env: Record<string, string> = ENV,
  migration = new FakeMigration(),
) {
  const said = { out: '', err: '' };
  const codes: number[] = [];
  const opened: Settings[] = [];
  const open: OpenMigration = (settings) => {
    opened.push(settings);
    return Promise.resolve(migration);
  };
  const stdout = { write: (text: string) => (said.out += text) };
  const stderr = { write: (text: string) => (said.err += text) };
  await migrate({ env, argv, stdout, stderr, exit: (code) => codes.push(code) }, open);
  return { ...said, codes, opened, calls: migration.calls };
}

describe('npm run migrate', () => {
  it('imports the collections, reports progress and results, and exits with 0', async () => {
    const { out, err, codes, calls } = await run();
    expect(out.split('\n')).to.deep.equal([
      'messages: 500 of 700',
      'failed messages: 5 of 5',
      'Imported: 2 messages, 5 failed messages; 4 had been imported before.',
      '',
    ]);
    expect([err, codes]).to.deep.equal(['', [0]]);
    expect(calls).to.deep.equal(['collections', 'close']);
  });

  it('sets the offsets first if the group is given', async () => {
    const { out, calls } = await run(['--from-group', 'nest']);
    expect(calls).to.deep.equal(['group nest', 'collections', 'close']);
    expect(out.split('\n').slice(0, 3)).to.deep.equal([
      'Waiting for the members of the group nest to leave ...',
      'messages: ours starts at the offsets of nest, in 1 partition.',
      'dead: nest has committed no offsets, so our-failures is unchanged.',
    ]);
  });

  it('needs no Kafka without a group', async () => {
    const { codes, opened } = await run([], { MONGODB_URI: ENV.MONGODB_URI });
    expect(codes).to.deep.equal([0]);
    expect(opened[0]?.backend).to.have.property('kind', 'full');
  });

  it('names collections that look like failed messages and are not imported', async () => {
    const migration = new FakeMigration();
    migration.others = ['failures', 'dead.letters'];
    const { out, err, codes } = await run([], ENV, migration);
    expect(out).to.contain('Imported: 2 messages, 5 failed messages');
    expect(err.split('\n').filter((line) => line !== '')).to.deep.equal([
      'Not imported: the collection failures, which has documents with reason and failedAt. If they are failed messages, move them to failedmessages and run this again.',
      'Not imported: the collection dead.letters, which has documents with reason and failedAt. If they are failed messages, move them to failedmessages and run this again.',
    ]);
    expect(codes).to.deep.equal([0]);
  });

  const refused: [string, readonly string[], Record<string, string>, string][] = [
    ['no database', [], {}, 'MONGODB_URI is missing: it names the database to import'],
    [
      'a group and no Kafka',
      ['--from-group', 'nest'],
      { MONGODB_URI: ENV.MONGODB_URI },
      'KAFKA_BROKER is missing: --from-group reads the offsets of the group from it',
    ],
    [
      'the embedded back end',
      [],
      { ...ENV, BACKEND: 'embedded' },
      'BACKEND must be full: the import works inside MongoDB',
    ],
    ['an invalid value', [], { ...ENV, KAFKA_PARTITIONS: 'x' }, 'KAFKA_PARTITIONS must be a number, not "x"'],
    ['an unknown option', ['--from'], ENV, 'Usage: migrate [--from-group NAME]'],
    ['a group without a name', ['--from-group='], ENV, 'Usage: migrate [--from-group NAME]'],
    ['an extra argument', ['nest'], ENV, 'Usage: migrate [--from-group NAME]'],
  ];
  for (const [what, argv, env, line] of refused) {
    it(`exits with 1 and one line for ${what}`, async () => {
      const { out, err, codes, opened } = await run(argv, env);
      expect({ out, err, codes, opened }).to.deep.equal({
        out: '',
        err: `${line}\n`,
        codes: [1],
        opened: [],
      });
    });
  }

  it('exits with 1 after closing if it cannot continue, and says whether to run it again', async () => {
    const migration = new FakeMigration();
    migration.takeCollections = () => Promise.reject(new DependencyUnavailable('store', new Error('gone')));
    const { err, codes, calls } = await run([], ENV, migration);
    expect(err).to.equal(
      'The import failed: The store is unavailable: gone. Run it again: it continues where it stopped.\n',
    );
    expect([codes, calls]).to.deep.equal([[1], ['close']]);
  });

  it('exits with 1 if there is nothing to import', async () => {
    const err: string[] = [];
    const codes: number[] = [];
    const stdout = { write: () => true };
    const stderr = { write: (text: string) => err.push(text) };
    const host = { env: ENV, argv: [], stdout, stderr, exit: (code: number) => codes.push(code) };
    await migrate(host, () => Promise.reject(new Error('MongoDB does not answer.')));
    expect([err, codes]).to.deep.equal([['The import failed: MongoDB does not answer.\n'], [1]]);
  });
});
