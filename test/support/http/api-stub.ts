import type { ApiDependencies } from '../../../src/adapters/http/http-app.js';
import { BodyMemory } from '../../../src/adapters/http/server/bodies/body-memory.js';
import { InboxStreams } from '../../../src/adapters/http/inbox/inbox-streams.js';
import { RequestBodies } from '../../../src/adapters/http/server/bodies/request-bodies.js';
import { realClock } from './http-system.js';

const notCalled = (): Promise<never> => Promise.reject(new Error('not called here'));

// eslint-disable-next-line require-yield -- it fails before the first row
async function* noRows(): AsyncGenerator<never> {
  await notCalled();
}

/** An api on which only the methods given by the test may be called. */
export function apiStub(overrides: Partial<ApiDependencies>): ApiDependencies {
  return {
    sendMessage: { rejection: undefined, send: notCalled, sendAll: notCalled },
    results: { of: notCalled },
    archive: { messages: noRows, failures: noRows, messagePlaces: notCalled, failurePlaces: notCalled },
    statuses: { of: notCalled },
    inbox: { page: notCalled, messages: noRows, markRead: notCalled },
    streams: new InboxStreams({ follow: notCalled }, realClock),
    failures: {
      archive: { find: notCalled },
      groups: { counts: notCalled },
      actions: { replay: notCalled, correct: notCalled, discard: notCalled },
      messageMaxLength: 1_000,
    },
    replays: { count: notCalled, begin: notCalled, progress: notCalled, cancel: notCalled },
    messageMaxLength: 1_000,
    bodies: new RequestBodies(new BodyMemory(2 ** 25, 2 ** 24), realClock),
    sendWaitMs: 0,
    ...overrides,
  };
}
