import { ContainerModule } from 'inversify';
import { AwaitResult } from '../../../application/sending/await-result.js';
import { InvalidSends } from '../../../application/sending/invalid-sends.js';
import { IdempotencyKeys } from '../../../application/sending/send-idempotency.js';
import { SendMessage } from '../../../application/sending/send-message.js';
import { construct } from '../construct.js';
import { TOKENS as t } from '../tokens.js';

/** Sending messages, and waiting for their results. */
export const sending = new ContainerModule(({ bind }) => {
  bind(t.invalidSends).toResolvedValue(
    ({ sending: { messageMaxLength, refusedRecordsPerSecond: recordsPerSecond } }, ...services) =>
      new InvalidSends({ messageMaxLength, recordsPerSecond }, ...services),
    [t.settings, t.deadLetterQueue, t.codec, t.ids, t.identities, t.clock, t.telemetry],
  );
  bind(t.idempotencyKeys).toResolvedValue(construct(IdempotencyKeys), [t.archive, t.identities, t.clock]);
  bind(t.sendMessage).toResolvedValue(
    ({ sending: { messageMaxLength } }, ...services) => new SendMessage(messageMaxLength, ...services),
    [t.settings, t.messageQueue, t.codec, t.ids, t.idempotencyKeys, t.invalidSends, t.clock, t.telemetry],
  );
  bind(t.results).toResolvedValue(construct(AwaitResult), [t.inboxWatch, t.archive, t.identities, t.clock]);
});
