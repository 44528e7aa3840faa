import { ContainerModule } from 'inversify';
import { InboxStreams } from '../../../adapters/http/inbox/inbox-streams.js';
import { FollowInbox } from '../../../application/inbox/follow-inbox.js';
import { InboxPages } from '../../../application/inbox/inbox-pages.js';
import { InboxWatch } from '../../../application/inbox/inbox-watch.js';
import { MessageStatuses } from '../../../application/inbox/message-status.js';
import { ReadInbox } from '../../../application/inbox/read-inbox.js';
import { construct } from '../construct.js';
import { TOKENS as t } from '../tokens.js';

/** Reading inboxes and the status of messages. */
export const inbox = new ContainerModule(({ bind }) => {
  bind(t.inboxWatch).toResolvedValue(
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
  bind(t.inboxPages).toResolvedValue(construct(InboxPages), [t.inboxReader, t.clock]);
  bind(t.readInbox).toResolvedValue(construct(ReadInbox), [
    t.inboxPages,
    t.inboxWatch,
    t.readPositions,
    t.clock,
  ]);
  bind(t.inboxStreams).toResolvedValue(
    (pages, watch, clock) => new InboxStreams(new FollowInbox(pages, watch, clock, Math.random), clock),
    [t.inboxPages, t.inboxWatch, t.clock],
  );
  bind(t.messageStatuses).toResolvedValue(construct(MessageStatuses), [t.archive, t.readPositions]);
});
