import { expect } from 'chai';
import type { EmbeddedGroups } from '../../../../../src/adapters/embedded/log/embedded-groups.js';
import { LogTrimmer } from '../../../../../src/adapters/embedded/log/log-trimmer.js';
import type { EmbeddedStore } from '../../../../../src/adapters/embedded/store/embedded-store.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('LogTrimmer', () => {
  it('ends between two batches when it is stopped, before the store is closed', async () => {
    const clock = new FakeClock();
    const logger = new RecordingLogger();
    const writes: ((removed: number) => void)[] = [];
    const write = () => new Promise<number>((resolve) => writes.push(resolve));
    // Only `write` of the store is called, and no method of the groups.
    const store = { tables: {}, write } as unknown as EmbeddedStore;
    const trimmer = new LogTrimmer(store, {} as EmbeddedGroups, clock, logger, 1_000);
    trimmer.start();
    await clock.advance(60_000);
    expect(writes).to.have.lengthOf(1);
    let isStopped = false;
    const stopped = trimmer.stop().then(() => (isStopped = true));
    await clock.advance(0);
    expect(isStopped).to.equal(false);
    // A full batch: there may be more to remove.
    writes[0]?.(1_000);
    await stopped;
    expect(writes).to.have.lengthOf(1);
    expect(logger.lines).to.deep.equal([]);
  });
});
