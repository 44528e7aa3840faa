import { expect } from 'chai';
import { EmbeddedHealth } from '../../../../../src/adapters/embedded/log/embedded-health.js';
import type { EmbeddedStore } from '../../../../../src/adapters/embedded/store/embedded-store.js';
import { LogTrimmer } from '../../../../../src/adapters/embedded/log/log-trimmer.js';
import { aRecord, append } from '../../../../contract/log/log-under-test.js';
import { EmbeddedFolder, embeddedLog } from '../../../../support/embedded/embedded.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingSubscriber } from '../../../../support/delivery/recording-subscriber.js';

const RETENTION_MS = 1_000;
const IN_USE = { topic: 'messages', group: 'in-use' } as const;
const UNUSED = { topic: 'messages', group: 'unused' } as const;

describe('A consumer group of the embedded log that is no longer used', () => {
  let folder: EmbeddedFolder;
  let store: EmbeddedStore;
  let clock: FakeClock;

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
    store = await folder.open();
    clock = new FakeClock();
  });
  afterEach(() => folder.remove());

  /** A process that joins the given groups and delivers everything. */
  async function run(groups: readonly (typeof IN_USE | typeof UNUSED)[], acknowledgeLost = false) {
    const log = embeddedLog(store, clock, acknowledgeLost);
    for (const group of groups) await log.feed.subscribe(group, new RecordingSubscriber({ commit: true }));
    const trimmer = new LogTrimmer(store, log.groups, clock, log.logger, RETENTION_MS);
    return { ...log, trim: () => trimmer.trim() };
  }

  /** Three records that only the active group has delivered. The other group was last used before them. */
  async function leaveThreeBehind() {
    await run([UNUSED]);
    const { messages, trim } = await run([IN_USE]);
    for (const text of ['one', 'two', 'three']) await append(messages, aRecord('bob', text));
    return trim;
  }

  it('prevents trimming for as long as the log is kept', async () => {
    const trim = await leaveThreeBehind();
    await clock.advance(RETENTION_MS);
    expect(await trim()).to.equal(0);
  });

  it('no longer prevents trimming after that', async () => {
    const trim = await leaveThreeBehind();
    await clock.advance(RETENTION_MS + 1);
    expect(await trim()).to.equal(3);
  });

  it('expires relative to the first trim if an earlier version stored no time of last use', async () => {
    const trim = await leaveThreeBehind();
    await store.write('log', () => store.tables.groupUse.remove(['messages', 'unused']));
    await clock.advance(2 * RETENTION_MS);
    expect(await trim(), 'at the upgrade').to.equal(0);
    await clock.advance(RETENTION_MS + 1);
    expect(await trim(), 'later').to.equal(3);
  });

  it('counts records trimmed beyond its offset as lost when it is used again', async () => {
    const trim = await leaveThreeBehind();
    await clock.advance(RETENTION_MS + 1);
    await trim();
    const { lost, logger, groups, feed } = await run([UNUSED]);
    expect(lost).to.have.length(1);
    expect(lost[0]).to.include({ topic: 'client-messages', count: 3 });
    expect(logger.lines[0]?.fields).to.include({ group: 'unused', from: 0, to: 3, count: 3 });
    expect(groups.hasOpenLoss).to.equal(true);
    const { state } = new EmbeddedHealth('log', store, clock, groups).status();
    expect(state).to.equal('degraded');
    expect(feed.lag().every(({ records }) => records === 0)).to.equal(true);
  });

  it('reports the loss until it is acknowledged, and counts it once', async () => {
    const trim = await leaveThreeBehind();
    await clock.advance(RETENTION_MS + 1);
    await trim();
    await run([UNUSED]);
    const again = await run([UNUSED]);
    expect([again.lost.length, again.groups.hasOpenLoss]).to.deep.equal([0, true]);
    const acknowledged = await run([UNUSED], true);
    expect([acknowledged.lost.length, acknowledged.groups.hasOpenLoss]).to.deep.equal([0, false]);
    expect((await run([UNUSED])).groups.hasOpenLoss).to.equal(false);
  });

  it('is not considered unused while its process is still joining', async () => {
    const { groups, messages, logger } = embeddedLog(store, clock);
    await run([IN_USE]);
    await append(messages, aRecord('bob', 'not delivered yet'));
    await clock.advance(10 * RETENTION_MS);
    const trimmer = new LogTrimmer(store, groups, clock, logger, RETENTION_MS);
    expect(await trimmer.trim()).to.equal(0);
  });
});
