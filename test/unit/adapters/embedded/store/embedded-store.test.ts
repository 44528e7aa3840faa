import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { LogTrimmer } from '../../../../../src/adapters/embedded/log/log-trimmer.js';
import type { LogRecord } from '../../../../../src/application/ports/record-log.js';
import { aRecord, append } from '../../../../contract/log/log-under-test.js';
import { Child } from '../../../../support/embedded/child.js';
import { EmbeddedFolder, embeddedLog } from '../../../../support/embedded/embedded.js';
import { eventually } from '../../../../support/eventually.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';
import { RecordingSubscriber } from '../../../../support/delivery/recording-subscriber.js';

const SUPPORT = fileURLToPath(new URL('../../../../support/embedded/embedded.ts', import.meta.url));
const STORE = fileURLToPath(
  new URL('../../../../../src/adapters/embedded/store/embedded-store.ts', import.meta.url),
);

const open = (folder: string): string => `
  const { EmbeddedStore } = await import(${JSON.stringify(STORE)});
  const store = EmbeddedStore.open(${JSON.stringify(folder)});
`;

const appendForEver = (folder: string): string => `${open(folder)}
  const { embeddedLog } = await import(${JSON.stringify(SUPPORT)});
  const { messages } = embeddedLog(store, { now: Date.now });
  const signal = new AbortController().signal;
  for (let n = 0; ; n += 1) {
    const value = Buffer.from(process.pid + ' ' + n);
    await messages.append([{ key: Buffer.from('b'), value, headers: {} }], signal);
    console.log('acknowledged ' + value);
  }
`;

const holdOpen = (folder: string): string => `${open(folder)}
  console.log('opened');
  setInterval(() => undefined, 1000);
`;

describe('The embedded store', function () {
  this.timeout(60_000);
  let folder: EmbeddedFolder;

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
  });

  afterEach(async () => {
    await folder.remove();
  });

  it('loses nothing that it acknowledged when its process is killed repeatedly', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const child = new Child(appendForEver(folder.path));
      await child.waitForOutput('acknowledged');
      await new Promise((resolve) => setTimeout(resolve, 100 + round * 30));
      await child.kill();
      const lines = [...child.output.matchAll(/^acknowledged (.*)\n/gm)];
      acknowledged.push(...lines.map(([, text]) => text ?? ''));
    }
    const { feed } = embeddedLog(await folder.open(), { now: Date.now });
    const reader = new RecordingSubscriber();
    const connection = await feed.subscribe({ topic: 'messages', group: 'checker' }, reader);
    const found = await reader.waitForRecords(acknowledged.length);
    await connection.close();
    expect(acknowledged.length).to.be.greaterThan(50);
    expect(found.filter((text) => acknowledged.includes(text))).to.deep.equal(acknowledged);
    expect(reader.records.map(({ offset }) => offset)).to.deep.equal(found.map((_, offset) => offset));
  });

  it('rejects a second process, and names the folder and the process that holds it', async () => {
    const first = new Child(holdOpen(folder.path));
    await first.waitForOutput('opened');
    const second = new Child(holdOpen(folder.path));
    expect(await second.ended).to.equal(1);
    expect(second.output).to.include(`The folder ${folder.path} is in use by the process`);
    await first.kill();
  });

  it('opens at once after its process was killed', async () => {
    const first = new Child(holdOpen(folder.path));
    await first.waitForOutput('opened');
    await first.kill();
    const second = new Child(holdOpen(folder.path));
    await second.waitForOutput('opened');
    await second.kill();
  });

  it('is opened by exactly one of five processes that start at the same moment', async () => {
    const children = Array.from({ length: 5 }, () => new Child(holdOpen(folder.path)));
    await Promise.all(children.map((child) => child.waitForOutput(/opened|in use/)));
    expect(children.filter(({ output }) => output.includes('in use'))).to.have.length(4);
    await Promise.all(children.map((child) => child.kill()));
  });

  it('writes nothing for a process that has lost the folder to another process', async () => {
    const store = await folder.open();
    const { messages } = embeddedLog(store, { now: Date.now });
    const thief = new Child(`
      const { open } = await import('lmdb');
      const root = open({ path: ${JSON.stringify(folder.path)} + '/postrider.mdb', maxDbs: 16 });
      root.transactionSync(() => root.putSync('owner', { token: 'other', pid: 1, startedAt: '' }));
      console.log('taken');
    `);
    await thief.waitForOutput('taken');
    await thief.kill();
    const error: unknown = await append(messages, aRecord('b', 'late')).catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'SendFailed', outcome: 'not-sent' });
    expect(error).to.have.nested.property('cause.name', 'DependencyUnavailable');
    expect(error).to.have.nested.property('cause.cause.name', 'FolderInUse');
  });

  it('reports the lag of each group by partition', async () => {
    const store = await folder.open();
    const { messages, feed } = embeddedLog(store, { now: Date.now });
    await append(messages, aRecord('b', 'one'), aRecord('b', 'two'));
    await feed.subscribe({ topic: 'messages', group: 'slow' }, new RecordingSubscriber());
    const behind = feed.lag().filter(({ records }) => records > 0);
    expect(behind).to.have.length(1);
    expect(behind[0]).to.include({ group: 'slow', topic: 'client-messages', records: 2 });
  });

  it('delivers no more at once than fits into a batch of the ledger', async () => {
    const { messages, feed } = embeddedLog(await folder.open(), { now: Date.now });
    const large = aRecord('b', 'x'.repeat(3 * 1024 * 1024));
    for (let n = 0; n < 3; n += 1) await append(messages, large);
    const reader = new RecordingSubscriber({ holds: () => true });
    await feed.subscribe({ topic: 'messages', group: 'careful' }, reader);
    expect(reader.records).to.have.length(2);
    reader.release();
    await reader.waitForRecords(3);
  });

  it('trims records that every group has committed and whose retention has ended', async () => {
    const clock = new FakeClock();
    const store = await folder.open();
    const { messages, deadLetters, feed, groups } = embeddedLog(store, clock);
    const trimmer = new LogTrimmer(store, groups, clock, new RecordingLogger(), 1_000);
    const isOne = ({ value }: LogRecord): boolean => value?.toString() === 'one';
    const quick = new RecordingSubscriber({ commit: true });
    const slow = new RecordingSubscriber({ holds: isOne });
    await append(messages, aRecord('b', 'one'));
    await append(deadLetters, aRecord('b', 'dead'));
    await feed.subscribe({ topic: 'messages', group: 'quick' }, quick);
    await feed.subscribe({ topic: 'messages', group: 'slow' }, slow);
    await quick.waitForRecords(1);
    await slow.waitForRecords(1);
    await clock.advance(2_000);
    await append(messages, aRecord('b', 'two'));
    expect(await trimmer.trim(), 'while a group has not committed it').to.equal(0);
    slow.assignments.find(({ records }) => records.length > 0)?.partition.commit(1);
    const uncommitted = (): boolean =>
      feed.lag().some(({ group, records }) => group === 'slow' && records > 1);
    await eventually(() => !uncommitted());
    expect(await trimmer.trim(), 'the old one').to.equal(1);
    expect(await trimmer.trim(), 'the young one stays').to.equal(0);
    const late = new RecordingSubscriber();
    await feed.subscribe({ topic: 'messages', group: 'late' }, late);
    expect(await late.waitForRecords(1)).to.deep.equal(['two']);
    expect(late.records[0]?.offset).to.equal(1);
    const behind = feed.lag().filter(({ group, records }) => group === 'late' && records > 0);
    expect(
      behind.map(({ records }) => records),
      "what was trimmed is nobody's lag",
    ).to.deep.equal([1]);
  });
});
