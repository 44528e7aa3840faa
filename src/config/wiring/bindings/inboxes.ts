import type { Container } from 'inversify';
import { InboxStreams } from '../../../adapters/http/inbox/inbox-streams.js';
import { ResultAwaiter } from '../../../application/sending/await-result.js';
import { InboxFollowing } from '../../../application/inbox/follow-inbox.js';
import { InboxPages } from '../../../application/inbox/inbox-pages.js';
import { InboxWatch } from '../../../application/inbox/inbox-watch.js';
import { InboxPolling } from '../../../application/inbox/read-inbox.js';
import { MessageStatusReader } from '../../../application/inbox/message-status.js';
import { TOKENS } from '../tokens.js';

/** Binds the reading of inboxes, and the waiting of senders for their results. */
export function bindInboxes(container: Container): void {
  const t = TOKENS;
  container.bind(t.inboxWatch).toResolvedValue(
    (signals, reader, clock, { signal }) => {
      const watch = new InboxWatch(signals, reader, clock);
      // Waiting requests must end when the stop begins, because they have little time to finish.
      signal.addEventListener('abort', () => {
        watch.close();
      });
      return watch;
    },
    [t.inboxSignals, t.inboxReader, t.clock, t.stopping],
  );
  container
    .bind(t.inboxPages)
    .toResolvedValue((reader, clock) => new InboxPages(reader, clock), [t.inboxReader, t.clock]);
  container
    .bind(t.readInbox)
    .toResolvedValue(
      (pages, watch, positions, clock) => new InboxPolling(pages, watch, positions, clock),
      [t.inboxPages, t.inboxWatch, t.readPositions, t.clock],
    );
  container
    .bind(t.inboxStreams)
    .toResolvedValue(
      (pages, watch, clock) => new InboxStreams(new InboxFollowing(pages, watch, clock, Math.random), clock),
      [t.inboxPages, t.inboxWatch, t.clock],
    );
  container
    .bind(t.lives)
    .toResolvedValue(
      (archive, positions) => new MessageStatusReader(archive, positions),
      [t.archive, t.readPositions],
    );
  container
    .bind(t.results)
    .toResolvedValue(
      (watch, archive, identities, clock) => new ResultAwaiter(watch, archive, identities, clock),
      [t.inboxWatch, t.archive, t.identities, t.clock],
    );
}
