import type { Container } from 'inversify';
import { TOKENS } from '../tokens.js';

/** What the routes of an api work with. */
export function bindApi(container: Container): void {
  const t = TOKENS;
  container.bind(t.api).toResolvedValue(
    ({ sending }, sendMessage, results, archive, lives, inbox, streams, groups, actions, replays) => {
      const { messageMaxLength, waitMs: sendWaitMs } = sending;
      return {
        ...{ sendMessage, results, messageMaxLength, sendWaitMs },
        ...{ archive, lives, inbox, streams, replays },
        failures: { archive, groups, actions, messageMaxLength },
      };
    },
    [
      t.settings,
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
