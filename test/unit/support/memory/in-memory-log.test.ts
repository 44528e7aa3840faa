import { InMemoryLog } from '../../../support/memory/in-memory-log.js';
import type { LogUnderTest } from '../../../contract/log/log-under-test.js';
import { recordFeedContract } from '../../../contract/log/record-feed.contract.js';
import { recordLogContract } from '../../../contract/log/record-log.contract.js';

const TOO_LARGE = 1_000;

function make(): Promise<LogUnderTest> {
  const log = new InMemoryLog({ now: Date.now });
  log.messages.maxValueBytes = TOO_LARGE - 1;
  const { messages, deadLetters } = log;
  return Promise.resolve({
    messages,
    deadLetters,
    feed: log,
    tooLargeBytes: TOO_LARGE,
    close: () => Promise.resolve(),
  });
}

recordLogContract('InMemoryLog', make);
recordFeedContract('InMemoryLog', make, { sharedGroups: true });
