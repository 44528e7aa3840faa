import { expect } from 'chai';
import { logFolderOutages } from '../../../../../src/adapters/embedded/log/folder-outages.js';
import { StoreClosed } from '../../../../../src/adapters/embedded/store/commit-errors.js';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import { FakeClock } from '../../../../support/fake-clock.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

describe('An outage of the embedded folder', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let wrote: (error?: DependencyUnavailable) => void;
  const failed = (cause: Error) => {
    wrote(new DependencyUnavailable('store', cause));
  };
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    const store = { onWrite: (watcher: typeof wrote) => (wrote = watcher) };
    logFolderOutages(store, '/data', clock, logger);
  });

  it('is logged once, and once that it is over', async () => {
    wrote();
    failed(full);
    failed(full);
    await clock.advance(5_000);
    wrote();
    wrote();
    expect(logger.lines).to.deep.equal([
      {
        level: 'warn',
        event: 'log.unavailable',
        fields: { text: 'waiting for the folder /data', kind: 'ENOSPC' },
      },
      { level: 'info', event: 'log.available', fields: { text: 'the folder /data is back' } },
    ]);
  });

  it('is not over while some writes still fail', async () => {
    failed(full);
    for (let n = 0; n < 5; n += 1) {
      await clock.advance(4_000);
      failed(full);
      wrote();
    }
    expect(logger.events()).to.deep.equal(['log.unavailable']);
    await clock.advance(5_000);
    wrote();
    expect(logger.events()).to.deep.equal(['log.unavailable', 'log.available']);
  });

  it('is not what a write after the end of the program meets', () => {
    failed(new StoreClosed());
    expect(logger.events()).to.deep.equal([]);
  });
});
