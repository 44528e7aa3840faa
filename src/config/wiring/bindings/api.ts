import type { Container } from 'inversify';
import { bytesOfBatch } from '../../../adapters/http/server/bodies/body-limits.js';
import { BodyMemory } from '../../../adapters/http/server/bodies/body-memory.js';
import { RequestBodies } from '../../../adapters/http/server/bodies/request-bodies.js';
import { TOKENS } from '../tokens.js';

/** Binds the dependencies of the api's routes. */
export function bindApi(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.bodyMemory)
    .toResolvedValue(
      ({ http, sending }) => new BodyMemory(http.bodyMemoryBytes, bytesOfBatch(sending.messageMaxLength)),
      [t.settings],
    );
  container
    .bind(t.requestBodies)
    .toResolvedValue((memory, clock) => new RequestBodies(memory, clock), [t.bodyMemory, t.clock]);
  container.bind(t.api).toResolvedValue(
    ({ sending }, bodies, sendMessage, results, archive, lives, inbox, streams, groups, actions, replays) => {
      const { messageMaxLength, waitMs: sendWaitMs } = sending;
      return {
        ...{ bodies, sendMessage, results, messageMaxLength, sendWaitMs },
        ...{ archive, lives, inbox, streams, replays },
        failures: { archive, groups, actions, messageMaxLength },
      };
    },
    [
      t.settings,
      t.requestBodies,
      t.sendMessage,
      t.results,
      t.archive,
      t.lives,
      t.readInbox,
      t.inboxStreams,
      t.groups,
      t.failureActions,
      t.bulkReplays,
    ],
  );
}
